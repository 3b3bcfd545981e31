/* reach.c -- who sees what: by the tree of today. */
#include <string.h>

#include "social.h"
#include "timeutil.h"

static int32_t today(void)
{
	return (int32_t)(time_now_us() / US_PER_DAY);
}

bool social_sees(const struct social *svc, const struct bus_grant *grant,
		 const char *unit)
{
	return grant->unit[0] == '\0' ||
	       (unit[0] != '\0' &&
		replica_in_subtree(svc->replica, unit, grant->unit, today()));
}

/* One of the others lies below it: it says no more than that one. */
static bool holds_another(const struct social *svc, char *const *units,
			  size_t n, size_t i, int32_t day)
{
	for (size_t j = 0; j < n; j++)
		if (j != i && strcmp(units[j], units[i]) != 0 &&
		    replica_in_subtree(svc->replica, units[j], units[i], day))
			return true;
	return false;
}

static bool holds_all(const struct social *svc, const char *root,
		      const char *const *units, size_t n, int32_t day)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(units[i], root) != 0 &&
		    !replica_in_subtree(svc->replica, units[i], root, day))
			return false;
	return true;
}

const char *social_common_unit(const struct social *svc, char *const *units,
			       size_t n)
{
	int32_t day = today();
	const char *named[UNITS_MAX];
	size_t named_nr = 0;
	const char *root;

	for (size_t i = 0; i < n && i < UNITS_MAX; i++)
		if (!holds_another(svc, units, n, i, day))
			named[named_nr++] = units[i];
	root = named_nr > 0 ? named[0] : "";

	while (root[0] != '\0' && !holds_all(svc, root, named, named_nr, day)) {
		const struct replica_unit *u =
			replica_unit(svc->replica, root, day);

		root = u != NULL ? u->parent : "";
	}
	return root;
}
