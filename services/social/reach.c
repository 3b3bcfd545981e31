/* reach.c -- who sees what, by the tree of today, and whose day it is. */
#include <string.h>

#include "mention_read.h"
#include "timeutil.h"
#include "utf8.h"

#define CODE_MAX 64

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
			replica_unit_place(svc->replica, root, day);

		root = u != NULL ? u->parent : "";
	}
	return root;
}

bool social_code_good(struct bus_request *req, const char *code,
		      const char *field)
{
	if (strlen(code) <= CODE_MAX && !utf8_has_control(code))
		return true;
	bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, field,
			"wants at most 64 bytes without control characters");
	return false;
}

bool social_days(struct bus_request *req, const Sy__V1__DayRange *days,
		 int64_t *from_us, int64_t *to_us)
{
	if (days == NULL)
		return true;
	if (days->from_day < 0 || days->from_day > TIME_DAY_MAX ||
	    days->to_day < 0 || days->to_day > TIME_DAY_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "days",
				"must be from 1970-01-01 to 2199-12-31");
		return false;
	}
	if (days->from_day > 0)
		*from_us = days->from_day * US_PER_DAY;
	if (days->to_day > 0)
		*to_us = days->to_day * US_PER_DAY;
	return true;
}

bool social_scope(struct bus_request *req, const char *unit,
		  const char **root_r)
{
	const struct social *svc = bus_request_svc(req);
	const struct bus_grant *grant = bus_request_grant(req);

	*root_r = unit[0] != '\0' ? unit : grant->unit;
	if (!social_code_good(req, unit, "unit"))
		return false;
	if (unit[0] == '\0')
		return true;
	if (!replica_unit_known(svc->replica, unit)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__UNKNOWN_CODE, "unit",
				"is not in the directory");
		return false;
	}
	if (!social_sees(svc, grant, unit)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__SCOPE, "unit",
				"lies outside of the principal's subtree");
		return false;
	}
	return true;
}
