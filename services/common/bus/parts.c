/* parts.c -- hands the items of a batch to the parts that own their methods.
 *
 * A batch is arranged so that the items of a part stand together, each part's
 * in order of arrival; a part is then shown its stretch as if it were all.
 */
#include "bus/parts.h"

#include <stdlib.h>
#include <string.h>

#define PARTS_MAX 16

/* The list of this process, and how far the one batch that is on its way has
 * come. */
static struct {
	const struct part *const *list;
	size_t n;
	/* Where a part's statements stand in the answer: from read to decide.
	 */
	int first_answer[PARTS_MAX];
	void *scratch[PARTS_MAX];
	const struct bus_method *more_methods[PARTS_MAX];
	struct db_statement *statements;
} parts;

const struct bus_method *parts_method(const char *name)
{
	for (size_t p = 0; p < parts.n; p++)
		for (const struct bus_method *m = parts.list[p]->methods;
		     m->name; m++)
			if (strcmp(m->name, name) == 0)
				return m;
	return NULL;
}

void *parts_scratch(const struct part *part)
{
	for (size_t p = 0; p < parts.n; p++)
		if (parts.list[p] == part)
			return parts.scratch[p];
	return NULL;
}

static bool owns(const struct part *part, const struct bus_item *item)
{
	for (const struct bus_method *m = part->methods; m->name != NULL; m++)
		if (m == item->method)
			return true;
	return false;
}

static void parts_prepare(void *svc, struct bus_item *item, struct arena *arena)
{
	for (size_t p = 0; p < parts.n; p++)
		if (parts.list[p]->prepare != NULL && owns(parts.list[p], item))
			parts.list[p]->prepare(svc, item, arena);
}

/* The first items that the part owns move to the front of items, in their
 * order; how many. */
static size_t gather(const struct part *part, struct bus_item **items, size_t n,
		     struct arena *arena)
{
	struct bus_item **rest;
	size_t own = 0, rest_nr = 0;

	while (own < n && owns(part, items[own]))
		own++;
	if (own == n)
		return n;
	rest = arena_alloc(arena, (n - own) * sizeof(rest[0]));
	for (size_t i = own; i < n; i++) {
		if (owns(part, items[i]))
			items[own++] = items[i];
		else
			rest[rest_nr++] = items[i];
	}
	memcpy(items + own, rest, rest_nr * sizeof(items[0]));
	return own;
}

static bool concerns(const struct part *part, const struct bus_batch *batch)
{
	return batch->n > 0 || part->follows;
}

static void parts_read(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	struct bus_item **items = batch->items;
	size_t n = batch->n;

	for (size_t p = 0; p < parts.n; p++) {
		size_t left = n - (size_t)(batch->items - items);

		batch->n = gather(parts.list[p], batch->items, left,
				  &batch->arena);
		parts.first_answer[p] = db_pipe_length(pipe);
		if (concerns(parts.list[p], batch))
			parts.list[p]->read(svc, batch, pipe);
		batch->items += batch->n;
	}
	batch->items = items;
	batch->n = n;
}

static enum bus_decision parts_decide(void *svc, struct bus_batch *batch,
				      const struct db_result *res, int first,
				      bool directory_fresh)
{
	struct bus_item **items = batch->items;
	enum bus_decision decision = BUS_DECIDED;
	size_t n = batch->n;

	memset(parts.scratch, 0, sizeof(parts.scratch));
	for (size_t p = 0; p < parts.n && decision == BUS_DECIDED; p++) {
		size_t left = n - (size_t)(batch->items - items);

		batch->n = gather(parts.list[p], batch->items, left,
				  &batch->arena);
		batch->scratch = NULL;
		if (concerns(parts.list[p], batch))
			decision = parts.list[p]->decide(
				svc, batch, res,
				first + parts.first_answer[p] -
					parts.first_answer[0],
				directory_fresh);
		parts.scratch[p] = batch->scratch;
		batch->items += batch->n;
	}
	batch->items = items;
	batch->n = n;
	return decision;
}

static void parts_write(void *svc, struct bus_batch *batch,
			struct db_pipe *pipe)
{
	for (size_t p = 0; p < parts.n; p++) {
		batch->scratch = parts.scratch[p];
		if (parts.list[p]->write != NULL)
			parts.list[p]->write(svc, batch, pipe);
	}
}

/* Counts the parts; each must know where its statements begin. */
static int count(const struct part *const *list, int *statements_r,
		 struct error *err)
{
	*statements_r = 0;
	for (parts.n = 0; list[parts.n] != NULL; parts.n++) {
		const struct part *part = list[parts.n];

		if (parts.n == PARTS_MAX)
			return error_set(err, "more than %d parts", PARTS_MAX);
		if (part->statements_first != *statements_r)
			return error_set(err,
					 "statements of the part of %s begin "
					 "at %d, not at %d",
					 part->methods[0].name,
					 part->statements_first, *statements_r);
		*statements_r += part->statements_nr;
	}
	return 0;
}

int parts_open(const struct part *const *list, void (*confirm)(void *svc),
	       struct bus_server_options *options, struct error *err)
{
	static struct bus_domain domain = {
		.prepare = parts_prepare,
		.read = parts_read,
		.decide = parts_decide,
		.write = parts_write,
	};
	int n, at = 0;

	if (count(list, &n, err) < 0)
		return -1;
	parts.list = list;
	/* one at least: calloc may say NULL to none */
	parts.statements = calloc((size_t)n + 1, sizeof(*parts.statements));
	if (parts.statements == NULL)
		abort();
	for (size_t p = 0; p < parts.n; p++) {
		memcpy(parts.statements + at, list[p]->statements,
		       (size_t)list[p]->statements_nr *
			       sizeof(*parts.statements));
		at += list[p]->statements_nr;
		if (p > 0)
			parts.more_methods[p - 1] = list[p]->methods;
	}
	domain.confirm_directory = confirm;
	options->methods = list[0]->methods;
	options->more_methods = parts.more_methods;
	options->statements = parts.statements;
	options->statements_nr = n;
	options->domain = &domain;
	return 0;
}
