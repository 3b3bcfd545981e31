/* parts.c -- what the service is made of: the cases, and what is around them.
 */
#include "complaints.h"
#include "desk.h"
#include "public.h"

static const struct part cases_part = {
	.methods = complaints_methods,
	.statements = complaints_sql,
	.statements_nr = SQL_NR,
	.read = complaints_read,
	.decide = complaints_decide,
	.write = complaints_write,
};

const struct part *const complaints_parts[] = { &cases_part,  &desk_part,
						&mail_part,   &public_part,
						&lookup_part, NULL };
