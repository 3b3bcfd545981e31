/* parts.c -- hands the items of a batch to the parts that own their methods.
 *
 * A batch is arranged so that the items of a part stand together, each part's
 * in order of arrival; a part is then shown its stretch as if it were all.
 */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

#include "complaints.h"
#include "desk.h"
#include "public.h"

/* Without cases there is nothing to write of them. */
static void cases_write(void *svc, struct bus_batch *batch,
			struct db_pipe *pipe)
{
	if (batch->scratch != NULL)
		complaints_write(svc, batch, pipe);
}

static const struct part cases_part = {
	.methods = complaints_methods,
	.statements = complaints_sql,
	.statements_nr = SQL_NR,
	.read = complaints_read,
	.decide = complaints_decide,
	.write = cases_write,
};

static const struct part *const parts[] = { &cases_part, &desk_part, &mail_part,
					    &public_part, &lookup_part };
#define PARTS_NR (sizeof(parts) / sizeof(parts[0]))

/* Where a part's statements stand in the answer: from read to decide, of the
 * one batch that is on its way. */
static int first_answer[PARTS_NR];

/* A batch as it was before a part was shown its own. */
struct whole {
	struct bus_item **items;
	size_t n;
	void *scratch[PARTS_NR];
};

const struct bus_method *parts_method(const char *name)
{
	for (size_t p = 0; p < PARTS_NR; p++)
		for (const struct bus_method *m = parts[p]->methods; m->name;
		     m++)
			if (strcmp(m->name, name) == 0)
				return m;
	return NULL;
}

static bool owns(const struct part *part, const struct bus_item *item)
{
	for (const struct bus_method *m = part->methods; m->name != NULL; m++)
		if (m == item->method)
			return true;
	return false;
}

/* The first items that the part owns move to the front of items, in their
 * order; how many. */
static size_t gather(const struct part *part, struct bus_item **items, size_t n,
		     struct arena *arena)
{
	struct bus_item **rest = arena_alloc(arena, (n + 1) * sizeof(rest[0]));
	size_t own = 0, rest_nr = 0;

	for (size_t i = 0; i < n; i++) {
		if (owns(part, items[i]))
			items[own++] = items[i];
		else
			rest[rest_nr++] = items[i];
	}
	memcpy(items + own, rest, rest_nr * sizeof(items[0]));
	return own;
}

static void parts_read(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	struct bus_item **items = batch->items;
	size_t n = batch->n;

	for (size_t p = 0; p < PARTS_NR; p++) {
		size_t left = n - (size_t)(batch->items - items);

		batch->n = gather(parts[p], batch->items, left, &batch->arena);
		first_answer[p] = db_pipe_length(pipe);
		if (batch->n > 0)
			parts[p]->read(svc, batch, pipe);
		batch->items += batch->n;
	}
	batch->items = items;
	batch->n = n;
}

static enum bus_decision parts_decide(void *svc, struct bus_batch *batch,
				      const struct db_result *res, int first,
				      bool directory_fresh)
{
	struct whole *whole = arena_alloc(&batch->arena, sizeof(*whole));
	enum bus_decision decision = BUS_DECIDED;

	whole->items = batch->items;
	whole->n = batch->n;
	for (size_t p = 0; p < PARTS_NR && decision == BUS_DECIDED; p++) {
		size_t left = whole->n - (size_t)(batch->items - whole->items);

		batch->n = gather(parts[p], batch->items, left, &batch->arena);
		batch->scratch = NULL;
		if (batch->n > 0)
			decision = parts[p]->decide(svc, batch, res,
						    first + first_answer[p] -
							    first_answer[0],
						    directory_fresh);
		whole->scratch[p] = batch->scratch;
		batch->items += batch->n;
	}
	batch->items = whole->items;
	batch->n = whole->n;
	batch->scratch = whole;
	return decision;
}

static void parts_write(void *svc, struct bus_batch *batch,
			struct db_pipe *pipe)
{
	struct whole *whole = batch->scratch;

	for (size_t p = 0; p < PARTS_NR; p++) {
		batch->scratch = whole->scratch[p];
		if (parts[p]->write != NULL)
			parts[p]->write(svc, batch, pipe);
	}
	batch->scratch = whole;
}

const struct bus_domain parts_domain = {
	.read = parts_read,
	.decide = parts_decide,
	.write = parts_write,
	.confirm_directory = complaints_confirm,
};

const struct bus_method *const *parts_more_methods(void)
{
	static const struct bus_method *more[PARTS_NR];

	for (size_t p = 1; p < PARTS_NR; p++)
		more[p - 1] = parts[p]->methods;
	return more;
}

const struct db_statement *parts_statements(int *nr_r)
{
	static struct db_statement *all;
	size_t n = 0;

	for (size_t p = 0; p < PARTS_NR; p++)
		n += (size_t)parts[p]->statements_nr;
	if (all == NULL)
		all = calloc(n, sizeof(*all));
	if (all == NULL)
		abort();
	*nr_r = 0;
	for (size_t p = 0; p < PARTS_NR; p++) {
		memcpy(all + *nr_r, parts[p]->statements,
		       (size_t)parts[p]->statements_nr * sizeof(*all));
		*nr_r += parts[p]->statements_nr;
	}
	return all;
}
