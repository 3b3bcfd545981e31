/* mentions_part.c -- who may call what of mentions, and the part it is of the
 * service.
 */
#include "mentions.h"

#define WRITERS (ROLE_PUBLISHER | ROLE_HANDLER)
#define READERS (ROLE_READER | ROLE_HANDLER)

/* clang-format off */
const struct bus_method mentions_methods[] = {
	[MENTIONS_PUT] = { "PutMention", WRITERS, BUS_WRITE,
		&sy__v1__put_mention_request__descriptor, NULL },
	[MENTIONS_PUT_MANY] = { "PutMentions", WRITERS, BUS_WRITE,
		&sy__v1__put_mentions_request__descriptor, NULL },
	[MENTIONS_DELETE] = { "DeleteMention", WRITERS, BUS_WRITE,
		&sy__v1__delete_mention_request__descriptor, NULL },
	{ "GetMention", READERS, BUS_READ,
		&sy__v1__get_mention_request__descriptor, handle_get_mention },
	{ "GetPublisherReport", ROLE_PUBLISHER | ROLE_HANDLER | ROLE_ADMIN,
		BUS_READ, &sy__v1__get_publisher_report_request__descriptor,
		bus_handle_publisher_report },
	{ 0 },
};
/* clang-format on */

/* First, and there for each batch: the others look for mentions in it. */
const struct part mentions_part = {
	.methods = mentions_methods,
	.statements_first = MENTIONS_SQL_FIRST,
	.statements = mentions_sql,
	.statements_nr = MENTIONS_SQL_END - MENTIONS_SQL_FIRST,
	.follows = true,
	.prepare = mentions_prepare,
	.read = mentions_read,
	.decide = mentions_decide,
	.write = mentions_write,
};
