/* train.h -- `suyuan train`: labelled texts out of files and of what people
 * corrected, a model out of them, and how good it is. train.c is the command,
 * train_read.c the texts, train_tell.c what is shown, train_service.c what is
 * asked of the service. */
#ifndef SUYUAN_CLI_TRAIN_H
#define SUYUAN_CLI_TRAIN_H

#include "arena.h"
#include "cli.h"
#include "suyuan/v1/social.pb-c.h"
#include "text/train.h"

#define TRAIN_HEADS 3 /* class, sentiment, topic */
extern const char *const train_heads[TRAIN_HEADS];

/* Where a text came from, for what is told of it. */
struct train_source {
	const char *name; /* of a file, or "service" */
	size_t first, n;  /* of the texts */
};
#define TRAIN_SOURCES_MAX 64

struct trainer {
	struct cli *cli;
	struct bus_client *client; /* NULL: nothing is asked */
	struct arena arena;
	struct train_text *texts;
	size_t n, room;
	struct train_source sources[TRAIN_SOURCES_MAX];
	size_t sources_nr;
	size_t bad;           /* lines that were left out */
	const char *encoding; /* of the files; NULL: UTF-8 */
	int64_t seed, folds;
	bool quiet;
	struct text_model *model, *in_use;
	uint32_t in_use_version;
	struct train_report report, before; /* of in_use over the same texts */
};

/* --- train_read.c --- */

/* Adds the file's texts; wrong lines are told and left out. -1: unusable. */
int train_read_file(struct trainer *t, const char *path, struct error *err);
void train_add(struct trainer *t, const struct train_text *text);

/* --- train_tell.c --- */

void train_tell_remarks(const struct trainer *t);
void train_tell_scores(const struct trainer *t);
void train_tell_models(const Sy__V1__ListModelsReply *reply);
/* The scores as they go with the model. */
size_t train_scores(struct trainer *t, Sy__V1__ModelScore ***scores_r);

/* --- train_service.c --- */

/* NULL: refused or silent, with err. */
const ProtobufCMessage *train_ask(struct trainer *t, const char *method,
				  const ProtobufCMessage *request,
				  struct error *err);
int train_connect(struct trainer *t, struct error *err);
/* What people corrected becomes texts. */
int train_read_labels(struct trainer *t, struct error *err);
/* The model in use; none where the profile's rules are. */
int train_load_in_use(struct trainer *t, struct error *err);
/* version_r: what it became. */
int train_put(struct trainer *t, const void *bytes, size_t len,
	      const char *note, uint32_t *version_r, struct error *err);

#endif
