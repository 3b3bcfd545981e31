/* models_part.c -- who may call what of models and corrections, and the part it
 * is of the service.
 */
#include "models.h"

static void models_read(void *svc, struct bus_batch *batch,
			struct db_pipe *pipe)
{
	uint8_t *ids = arena_alloc(&batch->arena, (batch->n + 1) * UUID_BYTES);
	size_t n = 0;

	(void)svc;
	for (size_t i = 0; i < batch->n; i++) {
		const Sy__V1__CorrectMentionRequest *correct =
			(const void *)batch->items[i]->request;

		if (batch->items[i]->method ==
			    &models_methods[MODELS_CORRECT] &&
		    uuid_parse(correct->mention_id, ids + n * UUID_BYTES) == 0)
			n++;
	}
	db_exec(pipe, MODELS_SQL_IN_USE);
	db_exec(pipe, MODELS_SQL_KNOWN);
	mentions_read_ids(pipe, ids, n);
	db_exec(pipe, MODELS_SQL_LABELS);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < n; i++)
		db_array_data(pipe, ids + i * UUID_BYTES, UUID_BYTES);
	db_array_end(pipe);
	models_read_parts(batch, pipe);
}

/* clang-format off */
const struct bus_method models_methods[] = {
	[MODELS_CORRECT] = { "CorrectMention", ROLE_HANDLER, BUS_WRITE,
		&sy__v1__correct_mention_request__descriptor, NULL },
	[MODELS_PUT] = { "PutModel", ROLE_ADMIN, BUS_WRITE,
		&sy__v1__put_model_request__descriptor, NULL },
	[MODELS_USE] = { "UseModel", ROLE_ADMIN, BUS_WRITE,
		&sy__v1__use_model_request__descriptor, NULL },
	{ "ListModels", ROLE_READER | ROLE_HANDLER | ROLE_ADMIN, BUS_READ,
		&sy__v1__list_models_request__descriptor, handle_list_models },
	{ "GetModel", ROLE_ADMIN, BUS_READ,
		&sy__v1__get_model_request__descriptor, handle_get_model },
	{ "ListLabels", ROLE_HANDLER, BUS_READ,
		&sy__v1__list_labels_request__descriptor, handle_list_labels },
	{ "ExplainMention", ROLE_HANDLER, BUS_READ,
		&sy__v1__explain_mention_request__descriptor,
		handle_explain_mention },
	{ 0 },
};
/* clang-format on */

const struct part models_part = {
	.methods = models_methods,
	.statements_first = MODELS_SQL_FIRST,
	.statements = models_sql,
	.statements_nr = MODELS_SQL_END - MODELS_SQL_FIRST,
	.read = models_read,
	.decide = models_decide,
	.write = models_write,
};
