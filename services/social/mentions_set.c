/* mentions_set.c -- the mentions of one batch, in its arena: found by id, so
 * that later items see what earlier ones did, and parts what others did.
 */
#include "mentions_set.h"

#include <string.h>

struct mentions *mentions_of_batch(void)
{
	return parts_scratch(&mentions_part);
}

struct mention *mentions_first(const struct mentions *all)
{
	return all->first;
}

/* An id is a hash already. */
static struct mention **slot_of(const struct mentions *all,
				const uint8_t id[UUID_BYTES])
{
	size_t mask = all->slots_nr - 1, at;

	memcpy(&at, id, sizeof(at));
	for (at &= mask; all->slots[at] != NULL; at = (at + 1) & mask)
		if (memcmp(all->slots[at]->id, id, UUID_BYTES) == 0)
			break;
	return &all->slots[at];
}

struct mention *mentions_find(const struct mentions *all,
			      const uint8_t id[UUID_BYTES])
{
	return *slot_of(all, id);
}

static void grow(struct mentions *all)
{
	struct mention **old = all->slots;
	size_t old_nr = all->slots_nr;

	if (2 * (all->n + 1) <= all->slots_nr)
		return;
	all->slots_nr *= 2;
	all->slots =
		arena_alloc(all->arena, all->slots_nr * sizeof(all->slots[0]));
	for (size_t i = 0; i < old_nr; i++)
		if (old[i] != NULL)
			*slot_of(all, old[i]->id) = old[i];
}

struct mentions *mentions_open(struct arena *arena, size_t expected)
{
	struct mentions *all = arena_alloc(arena, sizeof(*all));

	all->arena = arena;
	all->end = &all->first;
	all->slots_nr = 16;
	while (all->slots_nr < 2 * expected + 2)
		all->slots_nr *= 2;
	all->slots = arena_alloc(arena, all->slots_nr * sizeof(all->slots[0]));
	return all;
}

struct mention *mentions_add(struct mentions *all, const uint8_t id[UUID_BYTES])
{
	struct mention *m = arena_alloc(all->arena, sizeof(*m));

	grow(all);
	memcpy(m->id, id, UUID_BYTES);
	m->brought_by = "";
	*slot_of(all, id) = m;
	all->n++;
	*all->end = m;
	all->end = &m->next;
	return m;
}

void mentions_load(struct mentions *all, const struct db_result *res,
		   int statement)
{
	for (int row = 0; row < db_rows(res, statement); row++) {
		size_t len;
		const uint8_t *bytes =
			db_get_bytes(res, statement, row, 0, &len);
		struct mention *m;

		if (len != UUID_BYTES || mentions_find(all, bytes) != NULL)
			continue;
		m = mentions_add(all, bytes);
		m->known = true;
		m->day = db_get_i32(res, statement, row, 1);
		m->n = db_get_i64(res, statement, row, 2);
		m->revision_read = m->revision =
			db_get_i32(res, statement, row, 3);
		m->edited_at_us = db_get_time(res, statement, row, 4);
		m->brought_by = arena_strdup(
			all->arena, db_get_text(res, statement, row, 5));
		m->accepted_at_us = db_get_time(res, statement, row, 6);
		bytes = db_get_bytes(res, statement, row, 7, &len);
		if (bytes != NULL)
			m->before = sy__v1__mention_stored__unpack(
				&all->arena->allocator, len, bytes);
		m->kept = m->before != NULL;
		m->after = m->before;
	}
}

void mentions_change(struct mentions *all, struct mention *m,
		     const Sy__V1__MentionStored *after,
		     const struct bus_item *cause)
{
	(void)all;
	m->after = after;
	m->cause = cause;
	m->revision = m->revision_read + 1;
}

void mention_delete(struct mentions *all, struct mention *m,
		    const struct bus_item *cause)
{
	Sy__V1__MentionStored *after =
		arena_memdup(all->arena, m->after, sizeof(*after));

	after->facts =
		arena_memdup(all->arena, after->facts, sizeof(*after->facts));
	after->facts->deleted = true;
	m->text = NULL;
	m->text_gone = true;
	mentions_change(all, m, after, cause);
}
