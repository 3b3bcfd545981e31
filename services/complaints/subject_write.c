/* subject_write.c -- what a batch changed of customers, as statements. The
 * cases were locked before; sets are locked in the order of their contacts.
 */
#include <string.h>

#include <sodium.h>

#include "subjects.h"

/* --- sets --- */

/* One that was joined and parted again in the batch has no row. */
static bool has_row(const struct contact *c)
{
	return c->touched && (c->stored || c->root->nr > 1);
}

static void write_sets(struct db_pipe *pipe, const struct subjects *s)
{
	size_t n = 0;

	for (const struct contact *c = s->first; c; c = c->later)
		n += has_row(c);
	if (n == 0)
		return;
	db_exec(pipe, SQL_SUBJECT_WRITE);
	for (int col = 0; col < 3; col++) {
		db_array_begin(pipe, DB_ARRAY_BYTES);
		for (const struct contact *c = s->first; c; c = c->later) {
			const uint8_t *read =
				c->stored ? c->subject_read : NULL;
			const uint8_t *id = c->forgotten ? NULL : c->root->id;

			if (has_row(c))
				db_array_data(pipe,
					      col == 0   ? c->id
					      : col == 1 ? read
							 : id,
					      CONTACT_BYTES);
		}
		db_array_end(pipe);
	}
}

/* --- links --- */

static bool is_new(const struct subject_link *l)
{
	return l->cause != NULL && l->revision_read == 0;
}

static bool is_changed(const struct subject_link *l)
{
	return l->cause != NULL && l->revision_read != 0;
}

static void put_uuid(struct db_pipe *pipe, const char *text)
{
	uint8_t id[UUID_BYTES];

	db_array_data(pipe,
		      text[0] != '\0' && uuid_parse(text, id) == 0 ? id : NULL,
		      UUID_BYTES);
}

enum link_column {
	LINK_ID,
	LINK_A,
	LINK_B,
	LINK_BY_RULE,
	LINK_REVISION,
	LINK_SPLIT,
	LINK_APPEAL,
	LINK_OTHER,
	LINK_BY,
	LINK_AT,
	LINK_TEXT,
};
static const enum db_array_type link_types[] = {
	[LINK_ID] = DB_ARRAY_UUID,      [LINK_A] = DB_ARRAY_BYTES,
	[LINK_B] = DB_ARRAY_BYTES,      [LINK_BY_RULE] = DB_ARRAY_BOOL,
	[LINK_REVISION] = DB_ARRAY_I64, [LINK_SPLIT] = DB_ARRAY_BOOL,
	[LINK_APPEAL] = DB_ARRAY_UUID,  [LINK_OTHER] = DB_ARRAY_UUID,
	[LINK_BY] = DB_ARRAY_TEXT,      [LINK_AT] = DB_ARRAY_TIME,
	[LINK_TEXT] = DB_ARRAY_TEXT,
};

static void put_link(struct db_pipe *pipe, const struct subject_link *l,
		     enum link_column column)
{
	switch (column) {
	case LINK_ID:
		db_array_data(pipe, l->id, UUID_BYTES);
		return;
	case LINK_A:
		db_array_data(pipe, l->a->id, CONTACT_BYTES);
		return;
	case LINK_B:
		db_array_data(pipe, l->b->id, CONTACT_BYTES);
		return;
	case LINK_BY_RULE:
		db_array_int(pipe, l->by_rule);
		return;
	case LINK_REVISION:
		db_array_int(pipe, l->revision);
		return;
	case LINK_SPLIT:
		db_array_int(pipe, l->split);
		return;
	case LINK_APPEAL:
		put_uuid(pipe, l->appeal_id);
		return;
	case LINK_OTHER:
		put_uuid(pipe, l->other_appeal_id);
		return;
	case LINK_BY:
		db_array_text(pipe, l->principal);
		return;
	case LINK_AT:
		db_array_int(pipe, l->changed_us);
		return;
	case LINK_TEXT:
		db_array_text(pipe, l->text);
		return;
	}
}

static void write_links(struct db_pipe *pipe, const struct subjects *s,
			int statement,
			bool (*wanted)(const struct subject_link *l),
			const enum link_column *columns, size_t columns_nr)
{
	size_t n = 0;

	for (const struct subject_link *l = s->links; l != NULL; l = l->next)
		n += wanted(l);
	if (n == 0)
		return;
	db_exec(pipe, statement);
	for (size_t i = 0; i < columns_nr; i++) {
		db_array_begin(pipe, link_types[columns[i]]);
		for (const struct subject_link *l = s->links; l != NULL;
		     l = l->next) {
			if (wanted(l))
				put_link(pipe, l, columns[i]);
		}
		db_array_end(pipe);
	}
}

/* As the statements take them. */
static const enum link_column insert_columns[] = {
	LINK_ID,    LINK_A,  LINK_B,  LINK_BY_RULE, LINK_APPEAL,
	LINK_OTHER, LINK_BY, LINK_AT, LINK_TEXT,
};
static const enum link_column change_columns[] = {
	LINK_ID,    LINK_REVISION, LINK_SPLIT, LINK_APPEAL,
	LINK_OTHER, LINK_BY,       LINK_AT,    LINK_TEXT,
};

/* --- what goes --- */

static void put_cases(struct db_pipe *pipe, const struct erasure *e)
{
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < e->n; i++)
		db_array_data(pipe, e->cases[i].id, UUID_BYTES);
	db_array_end(pipe);
}

static void write_erasure(struct db_pipe *pipe, const struct erasure *e)
{
	uint8_t salt[32];

	/* Whose cases were kept long enough may be a customer still: nobody
	 * asked that they are not looked for. */
	if (e->cause == SY__V1__ERASURE_CAUSE__ERASURE_ASKED) {
		db_exec(pipe, SQL_DESK_FORGET);
		put_cases(pipe, e);
	}
	/* Cases of one customer stay together, and nobody can tell whose. */
	randombytes_buf(salt, sizeof(salt));
	db_exec(pipe, SQL_ERASE);
	db_uuid(pipe, e->id);
	db_i32(pipe, (int32_t)e->cause);
	db_text(pipe, e->by);
	put_cases(pipe, e);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < e->n; i++)
		db_array_int(pipe, e->cases[i].revision);
	db_array_end(pipe);
	db_bytes(pipe, salt, sizeof(salt));
	sodium_memzero(salt, sizeof(salt));
}

static void drop_links(struct db_pipe *pipe, const struct contact *root)
{
	db_exec(pipe, SQL_LINK_DROP);
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (const struct contact *c = root; c != NULL; c = c->next)
		db_array_data(pipe, c->id, CONTACT_BYTES);
	db_array_end(pipe);
}

static void write_retention(struct db_pipe *pipe,
			    const Sy__V1__PutRetentionRequest *r)
{
	db_exec(pipe, r->days > 0 ? SQL_RETENTION_PUT : SQL_RETENTION_DROP);
	db_text(pipe, r->kind);
	if (r->days > 0)
		db_i32(pipe, (int32_t)r->days);
}

void subjects_write(struct db_pipe *pipe, const struct subject_batch *sb)
{
	for (const struct erasure *e = sb->erasures; e != NULL; e = e->next) {
		if (e->n > 0)
			write_erasure(pipe, e);
	}
	write_sets(pipe, &sb->s);
	write_links(pipe, &sb->s, SQL_LINK_INSERT, is_new, insert_columns,
		    sizeof(insert_columns) / sizeof(insert_columns[0]));
	write_links(pipe, &sb->s, SQL_LINK_CHANGE, is_changed, change_columns,
		    sizeof(change_columns) / sizeof(change_columns[0]));
	for (const struct erasure *e = sb->erasures; e != NULL; e = e->next) {
		if (e->forgotten != NULL)
			drop_links(pipe, e->forgotten);
	}
	for (size_t i = 0; i < sb->retentions_nr; i++)
		write_retention(pipe, sb->retentions[i]);
}
