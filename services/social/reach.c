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

static bool holds_all(const struct social *svc, const char *root,
		      char *const *units, size_t n, int32_t day)
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
	const char *root = n > 0 ? units[0] : "";
	int32_t day = today();

	while (root[0] != '\0' && !holds_all(svc, root, units, n, day)) {
		const struct replica_unit *u =
			replica_unit(svc->replica, root, day);

		root = u != NULL ? u->parent : "";
	}
	return root;
}
