/* mention_read.h -- what the questions about mentions share: the columns of a
 * whole one, and the message that they become. */
#ifndef SUYUAN_SOCIAL_MENTION_READ_H
#define SUYUAN_SOCIAL_MENTION_READ_H

#include "mentions.h"

/* Of mention m, mention_key k, mention_text t. */
#define MENTION_COLUMNS                                                        \
	"m.mention_id::text, k.revision, k.edited_at, k.brought_by,"           \
	" m.accepted_at, m.stored, t.external_id, t.url, t.in_reply_to,"       \
	" t.author, t.title, t.text"
#define MENTION_COLUMNS_NR 12

/* personal: with author, title and text. NULL: no such row. Everything is the
 * arena's. */
Sy__V1__Mention *mention_of_row(struct arena *arena,
				const struct db_result *res, int statement,
				int row, bool personal);

/* A code in a question: short, on one line. False: refused and answered. */
bool social_code_good(struct bus_request *req, const char *code,
		      const char *field);

/* The root of the subtree that is asked about: of the asked unit, else of all
 * that the principal sees ("": everything). False: refused and answered. */
bool social_scope(struct bus_request *req, const char *unit,
		  const char **root_r);

#endif
