/* cells.c -- a hash table of cells in which a batch, or a whole log, is added
 * up. The key is one run of bytes, so that a look-up hashes once. */
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "kpi.h"
#include "timeutil.h"

#define HASH_FUNCTION(key, len, hash) ((hash) = (unsigned)XXH3_64bits(key, len))
#include <uthash.h>

struct entry {
	struct cell cell; /* first: callers hold pointers to it */
	UT_hash_handle hh;
};

struct cell_table {
	struct arena *arena;
	struct entry *entries;
	unsigned char *key; /* of the look-up in progress */
	size_t key_size;
};

struct cell_table *cell_table_new(struct arena *arena)
{
	struct cell_table *table = arena_alloc(arena, sizeof(*table));

	table->arena = arena;
	return table;
}

void cell_table_free(struct cell_table *table)
{
	if (table)
		HASH_CLEAR(hh, table->entries);
}

#define KEY_CODES 5
#define KEY_NUMBERS (sizeof(int32_t) * 2 + sizeof(int16_t))

/* Numbers first, then the codes, each with its NUL. Returns the length;
 * lens_r: of the codes, NUL included. */
static size_t write_key(struct cell_table *table, const struct leaf *leaf,
			int32_t accepted_day, size_t lens_r[KEY_CODES])
{
	const char *codes[KEY_CODES] = { leaf->unit, leaf->kind, leaf->channel,
					 leaf->topic, leaf->department };
	size_t len = KEY_NUMBERS;

	for (int i = 0; i < KEY_CODES; i++) {
		lens_r[i] = strlen(codes[i]) + 1;
		len += lens_r[i];
	}
	if (len > table->key_size) {
		table->key_size = len * 2;
		table->key = arena_alloc(table->arena, table->key_size);
	}

	unsigned char *at = table->key;
	memcpy(at, &leaf->day, sizeof(leaf->day));
	at += sizeof(leaf->day);
	memcpy(at, &accepted_day, sizeof(accepted_day));
	at += sizeof(accepted_day);
	memcpy(at, &leaf->indicator, sizeof(leaf->indicator));
	at += sizeof(leaf->indicator);
	for (int i = 0; i < KEY_CODES; i++) {
		memcpy(at, codes[i], lens_r[i]);
		at += lens_r[i];
	}
	return len;
}

static struct entry *add_entry(struct cell_table *table, size_t len,
			       const size_t lens[KEY_CODES],
			       const struct leaf *leaf, int32_t accepted_day)
{
	struct entry *e = arena_alloc(table->arena, sizeof(*e));
	const char *key = arena_memdup(table->arena, table->key, len);
	const char *code = key + KEY_NUMBERS;
	const char **codes[KEY_CODES] = {
		&e->cell.leaf.unit,       &e->cell.leaf.kind,
		&e->cell.leaf.channel,    &e->cell.leaf.topic,
		&e->cell.leaf.department,
	};

	e->cell.leaf.indicator = leaf->indicator;
	e->cell.leaf.day = leaf->day;
	e->cell.accepted_day = accepted_day;
	for (int i = 0; i < KEY_CODES; i++) {
		*codes[i] = code;
		code += lens[i];
	}
	HASH_ADD_KEYPTR(hh, table->entries, key, len, e);
	return e;
}

void cell_table_add(struct cell_table *table, const struct leaf *leaf,
		    int32_t accepted_day, int sign)
{
	size_t lens[KEY_CODES];
	size_t len = write_key(table, leaf, accepted_day, lens);
	struct entry *e;

	HASH_FIND(hh, table->entries, table->key, len, e);
	if (!e)
		e = add_entry(table, len, lens, leaf, accepted_day);
	e->cell.leaf.numerator += sign * leaf->numerator;
	e->cell.leaf.denominator += sign * leaf->denominator;
}

const struct cell *cell_table_find(struct cell_table *table,
				   const struct cell *key)
{
	size_t lens[KEY_CODES];
	size_t len = write_key(table, &key->leaf, key->accepted_day, lens);
	struct entry *e;

	HASH_FIND(hh, table->entries, table->key, len, e);
	return e ? &e->cell : NULL;
}

const struct cell *cell_table_next(const struct cell_table *table,
				   const struct cell *cell)
{
	const struct entry *e =
		cell ? ((const struct entry *)cell)->hh.next : table->entries;

	while (e && cell_is_zero(&e->cell))
		e = e->hh.next;
	return e ? &e->cell : NULL;
}
