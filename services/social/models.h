/* models.h -- the part `models`: versions of the classifier, which of them is
 * in use, what people say of mentions instead, and why a mention was judged as
 * it was.
 *
 * labels.c is pure; a batch goes through models_part.c, models_decide.c,
 * model_upload.c and models_write.c; model_setting.c swaps what is in use;
 * models_store.c holds every statement.
 */
#ifndef SUYUAN_SOCIAL_MODELS_H
#define SUYUAN_SOCIAL_MODELS_H

#include "labels.h"
#include "mentions.h"
#include "text/model.h"
#include "watches.h"

#define MODEL_PART_BYTES ((size_t)256 * 1024)
#define MODEL_PARTS_MAX 256 /* 64 MiB: a second of waiting for all others */

/* --- models_store.c --- */

#define MODELS_SQL_FIRST WATCHES_SQL_END
enum models_sql {
	MODELS_SQL_IN_USE = MODELS_SQL_FIRST,
	MODELS_SQL_KNOWN,
	MODELS_SQL_LABELS,
	MODELS_SQL_PARTS,
	MODELS_SQL_PART_PUT,
	MODELS_SQL_ADD,
	MODELS_SQL_USE,
	MODELS_SQL_LABEL_PUT,
	MODELS_SQL_LIST,
	MODELS_SQL_COUNT_LABELS,
	MODELS_SQL_GET,
	MODELS_SQL_END,
};
extern const struct db_statement models_sql[MODELS_SQL_END - MODELS_SQL_FIRST];
/* Version, and its file in parts. */
extern const char model_in_use_sql[];

struct labels_ask {
	const char *lang; /* "": any */
	uint32_t said;    /* one of these bits */
	const char *root; /* of the subtree */
	uint8_t after[UUID_BYTES];
	uint32_t limit;
};
/* Mention, language, title, text, said, class, sentiment, topic; one row more
 * than the limit. */
void labels_put_list(struct db_pipe *pipe, const struct labels_ask *ask);

/* --- a batch --- */

enum models_method { MODELS_CORRECT, MODELS_PUT, MODELS_USE };
extern const struct bus_method models_methods[];
extern const struct part models_part;

/* Statements of read. */
enum {
	MODELS_READ_IN_USE,
	MODELS_READ_KNOWN,
	MODELS_READ_MENTIONS,
	MODELS_READ_LABELS,
	MODELS_READ_PARTS, /* one for each last part */
};

struct model_known {
	uint32_t version;
	const char *made_by;
	uint8_t upload[UUID_BYTES];
	struct model_known *next;
};
/* What is written of it. */
struct model_new {
	const struct bus_item *item;
	const Sy__V1__PutModelRequest *req;
	uint8_t upload[UUID_BYTES];
	uint32_t version; /* 0: a part, others are to come */
	/* of the whole file, in order */
	size_t bytes, parts_nr;
	struct model_bytes {
		const uint8_t *data;
		size_t len;
	} parts[MODEL_PARTS_MAX];
	struct model_new *next;
};
struct model_used {
	const struct bus_item *item;
	uint32_t version, before;
	int64_t revision; /* afterwards */
	struct model_used *next;
};
struct label {
	struct mention *m;
	int64_t told;
	bool changed;
	const char *by;
	struct label *next;
};
struct correction_made {
	const struct bus_item *item;
	struct label *label;
	struct corrected_head head;
	uint32_t model;
	int64_t revision;
	struct correction_made *next;
};

struct models {
	struct social *svc;
	struct bus_batch *batch;
	struct arena *arena;
	const struct db_result *res;
	int first, next_parts; /* statements */
	uint32_t in_use;
	int64_t revision;
	uint32_t last_version;
	struct model_known *known;
	struct model_new *new, **new_end;
	struct model_used *used, **used_end;
	struct label *labels;
	struct correction_made *made, **made_end;
	bool directory_fresh, wait;
};

/* --- model_upload.c --- */

void model_put(struct models *all, struct bus_item *item);
/* Statements of read, for the items that want them. */
void models_read_parts(const struct bus_batch *batch, struct db_pipe *pipe);

/* --- models_decide.c, models_write.c --- */

enum bus_decision models_decide(void *svc, struct bus_batch *batch,
				const struct db_result *res, int first,
				bool directory_fresh);
void models_write(void *svc, struct bus_batch *batch, struct db_pipe *pipe);

/* --- model_setting.c --- */

/* The model in use, loaded and swapped in by every replica. */
extern struct setting model_setting;

/* --- models_list.c, mention_explain.c --- */

void handle_list_models(struct bus_request *req);
void handle_get_model(struct bus_request *req);
void handle_list_labels(struct bus_request *req);
void handle_explain_mention(struct bus_request *req);

#endif
