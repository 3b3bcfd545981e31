/* sheet_forms.c -- the tables of sheets.h. */
#include <string.h>

#include "sheets.h"

typedef struct sheet_column Column;

#define LABELS(prefix, path)                                                   \
	{ prefix "_ru", path, CELL_LABEL, "ru", 0 },                           \
		{ prefix "_zh", path, CELL_LABEL, "zh", 0 },                   \
	{                                                                      \
		prefix "_en", path, CELL_LABEL, "en", 0                        \
	}
#define NAMES LABELS("name", "names")
#define DAYS                                                                   \
	{ .name = "valid_from", .path = "valid_from_day" },                    \
	{                                                                      \
		.name = "valid_to", .path = "valid_to_day"                     \
	}
/* A column that is called as its field. */
#define FIELD(field)                                                           \
	{                                                                      \
		.name = field, .path = field                                   \
	}
#define RULE(rule, field)                                                      \
	{                                                                      \
		.name = field, .path = rule "." field                          \
	}
#define LIST(field)                                                            \
	{                                                                      \
		.name = field, .path = field, .form = CELL_LIST                \
	}
#define RULE_JSON(rule, field)                                                 \
	{                                                                      \
		.name = field, .path = rule "." field, .form = CELL_JSON       \
	}
/* What a policy is about. */
#define MATCH(rule)                                                            \
	{ .name = "if_kind", .path = rule ".match.kind" },                     \
		{ .name = "if_channel", .path = rule ".match.channel" },       \
		{ .name = "if_topic", .path = rule ".match.topic" },           \
		{ .name = "if_segment", .path = rule ".match.segment" },       \
		{ .name = "if_unit", .path = rule ".match.unit" },             \
	{                                                                      \
		.name = "if_product", .path = rule ".match.product"            \
	}
#define WEEKDAY(day, n)                                                        \
	{                                                                      \
		day, "week", CELL_WEEK, NULL, n                                \
	}
#define END                                                                    \
	{                                                                      \
		0                                                              \
	}

static const Column calendars[] = {
	FIELD("code"),
	NAMES,
	WEEKDAY("mon", 1),
	WEEKDAY("tue", 2),
	WEEKDAY("wed", 3),
	WEEKDAY("thu", 4),
	WEEKDAY("fri", 5),
	WEEKDAY("sat", 6),
	WEEKDAY("sun", 7),
	DAYS,
	END,
};
static const Column calendar_days[] = {
	FIELD("calendar"),
	FIELD("day"),
	{ .name = "hours", .path = "hours", .form = CELL_HOURS },
	{ .name = "like", .path = "like_weekday", .form = CELL_WEEKDAY },
	NAMES,
	END,
};
static const Column units[] = {
	FIELD("code"),     FIELD("parent"), FIELD("level"), FIELD("zone"),
	FIELD("calendar"), NAMES,           DAYS,           END,
};
static const Column departments[] = {
	FIELD("code"), FIELD("parent"), NAMES, DAYS, END,
};
static const Column terms[] = {
	FIELD("taxonomy"),
	FIELD("code"),
	FIELD("parent"),
	FIELD("class"),
	NAMES,
	DAYS,
	END,
};
static const Column denominators[] = {
	FIELD("unit"), FIELD("measure"), FIELD("value"), DAYS, END,
};
static const Column principals[] = {
	FIELD("name"),         LIST("roles"),    LIST("streams"),
	FIELD("unit"),         FIELD("revoked"), FIELD("person"),
	FIELD("display_name"), FIELD("lang"),    END,
};
static const Column employees[] = {
	FIELD("code"),
	FIELD("name"),
	FIELD("position"),
	FIELD("unit"),
	FIELD("department"),
	FIELD("principal"),
	DAYS,
	END,
};
static const Column centres[] = {
	FIELD("unit"),
	FIELD("open"),
	{ .name = "planned", .path = "planned_day" },
	{ .name = "opened", .path = "opened_day" },
	LIST("services"),
	FIELD("calendar"),
	LABELS("address", "addresses"),
	FIELD("phone"),
	FIELD("email"),
	DAYS,
	END,
};
static const Column clocks[] = {
	FIELD("code"),
	NAMES,
	RULE("clock", "clock"),
	MATCH("clock"),
	RULE("clock", "order"),
	RULE("clock", "start"),
	RULE("clock", "stop"),
	RULE("clock", "measure"),
	RULE("clock", "amount"),
	RULE("clock", "warn_before"),
	RULE("clock", "may_pause"),
	RULE("clock", "extension_max"),
	RULE("clock", "calendar"),
	LABELS("shown", "clock.names"),
	RULE("clock", "basis"),
	DAYS,
	END,
};
static const Column routes[] = {
	FIELD("code"),
	NAMES,
	MATCH("routing"),
	RULE("routing", "order"),
	RULE("routing", "unit"),
	RULE("routing", "department"),
	RULE("routing", "skill"),
	RULE("routing", "green_channel"),
	DAYS,
	END,
};
static const Column repeats[] = {
	FIELD("code"), NAMES, MATCH("repeat"), RULE("repeat", "window_days"),
	DAYS,          END,
};
static const Column remedies[] = {
	FIELD("code"),
	NAMES,
	MATCH("remedy"),
	RULE("remedy", "remedy"),
	RULE("remedy", "free_limit_minor"),
	RULE("remedy", "limit_minor"),
	RULE("remedy", "currency"),
	DAYS,
	END,
};
static const Column outside_appeals[] = {
	FIELD("code"),
	NAMES,
	MATCH("outside_appeal"),
	RULE("outside_appeal", "days"),
	LABELS("text", "outside_appeal.texts"),
	DAYS,
	END,
};
static const Column notices[] = {
	FIELD("code"),
	NAMES,
	MATCH("notice"),
	RULE("notice", "event"),
	RULE("notice", "template"),
	RULE("notice", "by"),
	RULE("notice", "lang"),
	DAYS,
	END,
};
static const Column lookups[] = {
	FIELD("code"),
	NAMES,
	MATCH("lookup"),
	RULE("lookup", "order"),
	RULE("lookup", "method"),
	RULE("lookup", "url"),
	RULE_JSON("lookup", "body"),
	RULE_JSON("lookup", "headers"),
	RULE_JSON("lookup", "inputs"),
	RULE_JSON("lookup", "shown"),
	RULE("lookup", "timeout_ms"),
	RULE("lookup", "max_bytes"),
	DAYS,
	END,
};

static const Column reactions[] = {
	FIELD("code"),
	NAMES,
	MATCH("reaction"),
	RULE("reaction", "order"),
	RULE("reaction", "sentiment"),
	RULE("reaction", "min_reach"),
	RULE("reaction", "min_mentions"),
	RULE("reaction", "watch"),
	RULE("reaction", "priority"),
	RULE("reaction", "answer_minutes"),
	RULE("reaction", "inquiry_days"),
	RULE("reaction", "inquiry_days_max"),
	RULE("reaction", "report_minutes"),
	RULE("reaction", "calendar"),
	RULE("reaction", "appeal_kind"),
	DAYS,
	END,
};
static const Column spam[] = {
	FIELD("code"),
	NAMES,
	RULE("spam", "burst"),
	RULE("spam", "copies_least"),
	RULE("spam", "copies_percent"),
	RULE("spam", "links_least"),
	RULE("spam", "links_percent"),
	DAYS,
	END,
};

#define SORT(name) SY__V1__DIRECTORY_RECORD__RECORD_##name
#define OF_RULE(name) SORT(POLICY), SY__V1__POLICY__RULE_##name
#define OF(name) SORT(name), SY__V1__POLICY__RULE__NOT_SET

/* In the order of import. */
static const struct sheet_form forms[] = {
	{ "calendars",
	  { "code", "mon" },
	  &sy__v1__calendar__descriptor,
	  OF(CALENDAR),
	  calendars },
	{ "calendar_days",
	  { "calendar", "day" },
	  &sy__v1__calendar_day__descriptor,
	  OF(CALENDAR_DAY),
	  calendar_days },
	{ "units",
	  { "code", "level" },
	  &sy__v1__unit__descriptor,
	  OF(UNIT),
	  units },
	{ "departments",
	  { "code", "parent" },
	  &sy__v1__department__descriptor,
	  OF(DEPARTMENT),
	  departments },
	{ "terms",
	  { "taxonomy", "code" },
	  &sy__v1__term__descriptor,
	  OF(TERM),
	  terms },
	{ "denominators",
	  { "measure", "value" },
	  &sy__v1__denominator__descriptor,
	  OF(DENOMINATOR),
	  denominators },
	{ "principals",
	  { "name", "roles" },
	  &sy__v1__principal__descriptor,
	  OF(PRINCIPAL),
	  principals },
	{ "employees",
	  { "code", "position" },
	  &sy__v1__employee__descriptor,
	  OF(EMPLOYEE),
	  employees },
	{ "centres",
	  { "unit", "opened" },
	  &sy__v1__centre__descriptor,
	  OF(CENTRE),
	  centres },
	{ "clocks",
	  { "clock", "measure" },
	  &sy__v1__policy__descriptor,
	  OF_RULE(CLOCK),
	  clocks },
	{ "routes",
	  { "skill", "green_channel" },
	  &sy__v1__policy__descriptor,
	  OF_RULE(ROUTING),
	  routes },
	{ "repeats",
	  { "code", "window_days" },
	  &sy__v1__policy__descriptor,
	  OF_RULE(REPEAT),
	  repeats },
	{ "remedies",
	  { "remedy", "free_limit_minor" },
	  &sy__v1__policy__descriptor,
	  OF_RULE(REMEDY),
	  remedies },
	{ "outside_appeals",
	  { "code", "days" },
	  &sy__v1__policy__descriptor,
	  OF_RULE(OUTSIDE_APPEAL),
	  outside_appeals },
	{ "notices",
	  { "event", "template" },
	  &sy__v1__policy__descriptor,
	  OF_RULE(NOTICE),
	  notices },
	{ "lookups",
	  { "url", "shown" },
	  &sy__v1__policy__descriptor,
	  OF_RULE(LOOKUP),
	  lookups },
	{ "reactions",
	  { "priority", "answer_minutes" },
	  &sy__v1__policy__descriptor,
	  OF_RULE(REACTION),
	  reactions },
	{ "spam",
	  { "burst", "copies_least" },
	  &sy__v1__policy__descriptor,
	  OF_RULE(SPAM),
	  spam },
};
#define FORMS_NR (sizeof(forms) / sizeof(forms[0]))

const struct sheet_form *sheet_form_at(size_t n)
{
	return n < FORMS_NR ? &forms[n] : NULL;
}

const struct sheet_form *sheet_form_of(const Sy__V1__DirectoryRecord *record)
{
	for (size_t i = 0; i < FORMS_NR; i++)
		if (forms[i].which == record->record_case &&
		    (forms[i].which != SORT(POLICY) ||
		     forms[i].rule == record->policy->rule_case))
			return &forms[i];
	return NULL;
}
