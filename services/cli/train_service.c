/* train_service.c -- what `suyuan train` asks of the social service: what
 * people corrected, the model in use, and that it takes a new one.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "query.h"
#include "train.h"
#include "uuid.h"

#define ANSWER_MS 60000
#define LABELS_AT_ONCE 2000
#define PART_BYTES ((size_t)256 * 1024)

const ProtobufCMessage *train_ask(struct trainer *t, const char *method,
				  const ProtobufCMessage *request,
				  struct error *err)
{
	struct query_result r = { .arena = &t->arena };
	char key[UUID_TEXT_MAX];
	uint8_t id[UUID_BYTES];

	if (method_find(method, &r.method) < 0)
		abort();
	uuid_make(id);
	uuid_format(id, key);
	query_ask(t->cli, t->client, request, r.method.writes ? key : NULL,
		  ANSWER_MS, &r);
	if (r.message == NULL) {
		query_refused(&r, err);
		error_prefix(err, "%s", method);
	}
	return r.message;
}

int train_connect(struct trainer *t, struct error *err)
{
	if (t->client != NULL)
		return 0;
	if (cli_open(t->cli, err) < 0)
		return -1;
	return cli_connect(t->cli, "social", &t->client, err);
}

/* --- corrections --- */

/* As models call them. */
static const char *name_of(const ProtobufCEnumDescriptor *of, int value)
{
	static const struct {
		const char *name, *label;
	} labels[] = {
		{ "MENTION_CLAIM", "claim" },
		{ "MENTION_QUESTION", "question" },
		{ "MENTION_PRAISE", "praise" },
		{ "MENTION_SUGGESTION", "suggestion" },
		{ "MENTION_NEWS", "news" },
		{ "MENTION_EVENT", "event" },
		{ "MENTION_SPAM", "spam" },
		{ "MENTION_OTHER", "other" },
		{ "SENTIMENT_NEGATIVE", "negative" },
		{ "SENTIMENT_NEUTRAL", "neutral" },
		{ "SENTIMENT_POSITIVE", "positive" },
	};
	const ProtobufCEnumValue *v =
		protobuf_c_enum_descriptor_get_value(of, value);

	for (size_t i = 0; v != NULL && i < sizeof(labels) / sizeof(labels[0]);
	     i++)
		if (strcmp(v->name, labels[i].name) == 0)
			return labels[i].label;
	return "";
}

static void take_label(struct trainer *t, const Sy__V1__MentionLabel *l,
		       size_t line)
{
	const char **labels =
		arena_alloc(&t->arena, TRAIN_HEADS * sizeof(labels[0]));

	labels[0] = name_of(&sy__v1__mention_class__descriptor,
			    (int)l->mention_class);
	labels[1] = name_of(&sy__v1__sentiment__descriptor, (int)l->sentiment);
	labels[2] = l->topic;
	train_add(t, &(struct train_text){ .text = l->text,
					   .len = strlen(l->text),
					   .lang = l->lang,
					   .labels = labels,
					   .line = line });
}

int train_read_labels(struct trainer *t, struct error *err)
{
	Sy__V1__ListLabelsRequest request = SY__V1__LIST_LABELS_REQUEST__INIT;
	const Sy__V1__ListLabelsReply *reply;
	size_t first = t->n;

	if (t->sources_nr == TRAIN_SOURCES_MAX)
		return error_set(err, "more than %d files", TRAIN_SOURCES_MAX);
	request.limit = LABELS_AT_ONCE;
	do {
		reply = (const void *)train_ask(t, "ListLabels", &request.base,
						err);
		if (reply == NULL)
			return -1;
		for (size_t i = 0; i < reply->n_labels; i++)
			take_label(t, reply->labels[i], t->n - first + 1);
		request.cursor = reply->next_cursor;
	} while (request.cursor[0] != '\0');
	t->sources[t->sources_nr++] =
		(struct train_source){ "service", first, t->n - first };
	return 0;
}

/* --- the model in use --- */

static int fetch(struct trainer *t, uint32_t version, uint8_t *bytes,
		 size_t len, struct error *err)
{
	Sy__V1__GetModelRequest request = SY__V1__GET_MODEL_REQUEST__INIT;
	const Sy__V1__GetModelReply *reply;
	size_t got = 0;

	request.version = version;
	do {
		reply = (const void *)train_ask(t, "GetModel", &request.base,
						err);
		if (reply == NULL)
			return -1;
		if (reply->data.len > len - got)
			return error_set(err, "version %u is larger than told",
					 version);
		memcpy(bytes + got, reply->data.data, reply->data.len);
		got += reply->data.len;
		request.part++;
	} while (request.part < reply->parts);
	return text_model_load(&t->in_use, bytes, got, err);
}

int train_load_in_use(struct trainer *t, struct error *err)
{
	Sy__V1__ListModelsRequest request = SY__V1__LIST_MODELS_REQUEST__INIT;
	const Sy__V1__ListModelsReply *reply;
	const Sy__V1__Model *m = NULL;

	request.limit = 200;
	reply = (const void *)train_ask(t, "ListModels", &request.base, err);
	if (reply == NULL)
		return -1;
	for (size_t i = 0; i < reply->n_models; i++)
		if (reply->models[i]->state ==
		    SY__V1__MODEL_STATE__MODEL_IN_USE)
			m = reply->models[i];
	if (m == NULL || m->version == 0)
		return 0;
	if (m->bytes > MODEL_MAX_BYTES)
		return error_set(err, "version %u is too large", m->version);
	t->in_use_version = m->version;
	return fetch(t, m->version, arena_alloc(&t->arena, m->bytes + 1),
		     m->bytes, err);
}

/* --- a new one --- */

int train_put(struct trainer *t, const void *bytes, size_t len,
	      const char *note, uint32_t *version_r, struct error *err)
{
	Sy__V1__PutModelRequest request = SY__V1__PUT_MODEL_REQUEST__INIT;
	const Sy__V1__PutModelReply *reply;
	uint8_t sum[crypto_hash_sha256_BYTES], id[UUID_BYTES];
	char upload[UUID_TEXT_MAX];

	uuid_make(id);
	request.upload = uuid_format(id, upload);
	crypto_hash_sha256(sum, bytes, len);
	for (size_t at = 0; at < len; at += PART_BYTES, request.part++) {
		request.data.data = (uint8_t *)bytes + at;
		request.data.len =
			len - at < PART_BYTES ? len - at : PART_BYTES;
		request.last = at + request.data.len == len;
		if (request.last) {
			request.sha256.data = sum;
			request.sha256.len = sizeof(sum);
			request.note = (char *)note;
			request.examples = t->report.texts;
			request.n_scores = train_scores(t, &request.scores);
		}
		reply = (const void *)train_ask(t, "PutModel", &request.base,
						err);
		if (reply == NULL)
			return -1;
		*version_r = reply->version;
	}
	return 0;
}
