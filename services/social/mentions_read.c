/* mentions_read.c -- what a batch has to know of the mentions that it names. */
#include "mentions_set.h"

static size_t ids_nr(const struct bus_item *item)
{
	const Sy__V1__PutMentionsRequest *many = (const void *)item->request;

	return item->method == &mentions_methods[MENTIONS_PUT_MANY]
		       ? many->n_mentions
		       : 1;
}

void mentions_read_ids(struct db_pipe *pipe, const uint8_t *ids, size_t n)
{
	db_exec(pipe, MENTIONS_SQL_READ);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < n; i++)
		db_array_data(pipe, ids + i * UUID_BYTES, UUID_BYTES);
	db_array_end(pipe);
}

void mentions_read(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	(void)svc;
	if (batch->n == 0)
		return;
	db_exec(pipe, MENTIONS_SQL_NOW);
	db_exec(pipe, MENTIONS_SQL_READ);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < batch->n; i++) {
		const struct prepared *p = batch->items[i]->prepared;

		for (size_t j = 0; j < ids_nr(batch->items[i]); j++)
			if (p[j].good)
				db_array_data(pipe, p[j].id, UUID_BYTES);
	}
	db_array_end(pipe);
}
