/* model_setting.c -- the model in use: read when another is chosen, made on a
 * thread, swapped in between two messages.
 */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "models.h"
#include "reader.h"

struct loading {
	uint32_t version;
	uint8_t *bytes;
	size_t len;
	struct text_model *made; /* NULL: the profile's rules, or err */
	struct error err;
};

/* Rows: version, part; one with no part is version 0. */
static void *take_file(const struct db_result *res, int statement, void *arg)
{
	struct loading *l = calloc(1, sizeof(*l));
	size_t len, room = 0;

	(void)arg;
	if (l == NULL)
		abort();
	l->version = (uint32_t)db_get_i32(res, statement, 0, 0);
	for (int row = 0; row < db_rows(res, statement); row++) {
		db_get_bytes(res, statement, row, 1, &len);
		room += len;
	}
	l->bytes = malloc(room + 1);
	if (l->bytes == NULL)
		abort();
	for (int row = 0; row < db_rows(res, statement); row++) {
		const uint8_t *part =
			db_get_bytes(res, statement, row, 1, &len);

		if (part != NULL)
			memcpy(l->bytes + l->len, part, len);
		l->len += len;
	}
	return l;
}

static void load_model(void *made)
{
	struct loading *l = made;

	if (l->version != 0 &&
	    text_model_load(&l->made, l->bytes, l->len, &l->err) < 0)
		l->made = NULL;
}

static void drop_model(void *made)
{
	struct loading *l = made;

	text_model_free(l->made);
	free(l->bytes);
	free(l);
}

static void swap_model(void *made, void *arg)
{
	struct social *svc = arg;
	struct reader *reader = svc->reader;
	struct loading *l = made;
	struct text_model *before = reader->model;

	if (l->version != 0 && l->made == NULL) {
		log_error("model %u: %s", l->version, l->err.text);
	} else {
		reader->model = l->made;
		reader->model_version = l->version;
		l->made = before;
	}
	drop_model(l);
}

struct setting model_setting = {
	.name = "model",
	.select = { "settings_model", model_in_use_sql },
	.take = take_file,
	.make = load_model,
	.swap = swap_model,
	.drop = drop_model,
};
