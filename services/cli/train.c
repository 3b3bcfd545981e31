/* train.c -- `suyuan train`: from labelled texts to a model of the social
 * service, with what cross-validation says of it; and into use.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "timeutil.h"
#include "train.h"

#define SHOW_US (2 * US_PER_S)

const char *const train_heads[TRAIN_HEADS] = { "class", "sentiment", "topic" };

struct wishes {
	const char *out, *note;
	bool from_service, put, use, report;
};

/* --- training --- */

struct shown {
	bool tty;
	int64_t at_us;
};

static bool progress_cb(int per_1000, void *arg)
{
	struct shown *shown = arg;
	int64_t now_us = time_monotonic_us();

	if (now_us - shown->at_us < (shown->tty ? SHOW_US / 10 : SHOW_US))
		return true;
	shown->at_us = now_us;
	fprintf(stderr, shown->tty ? "\rtraining %3d %%" : "training %d %%\n",
		per_1000 / 10);
	return true;
}

/* The heads that any text has a label of; labels in their order. A text is told
 * by its place among all: lines are of several files. */
static size_t prepare(struct trainer *t, struct train_text *texts,
		      const char **heads)
{
	size_t at[TRAIN_HEADS], n = 0;

	for (size_t h = 0; h < TRAIN_HEADS; h++)
		for (size_t i = 0; i < t->n; i++)
			if (t->texts[i].labels[h][0] != '\0') {
				heads[n] = train_heads[h];
				at[n++] = h;
				break;
			}
	for (size_t i = 0; i < t->n; i++) {
		const char **labels =
			arena_alloc(&t->arena, (n + 1) * sizeof(labels[0]));

		for (size_t h = 0; h < n; h++)
			labels[h] = t->texts[i].labels[at[h]];
		texts[i] = t->texts[i];
		texts[i].labels = labels;
		texts[i].line = i + 1;
	}
	return n;
}

static int train(struct trainer *t, const char *version, struct error *err)
{
	const char *heads[TRAIN_HEADS];
	struct train_text *texts =
		arena_alloc(&t->arena, (t->n + 1) * sizeof(*texts));
	size_t heads_nr = prepare(t, texts, heads);
	struct shown shown = { .tty = isatty(STDERR_FILENO) != 0,
			       .at_us = time_monotonic_us() };
	const struct train_options options = {
		.version = version,
		.heads = heads,
		.heads_nr = heads_nr,
		.folds = (size_t)t->folds,
		.seed = (uint64_t)t->seed,
		.progress_cb = t->quiet ? NULL : progress_cb,
		.arg = &shown,
	};
	int status;

	if (heads_nr == 0)
		return error_set(err, "no text has a label");
	status = text_train(&t->model, &t->report, &t->arena, texts, t->n,
			    &options, err);
	if (shown.tty && !t->quiet)
		fputs("\r\033[K", stderr);
	train_tell_remarks(t);
	if (status == 0 && t->in_use != NULL)
		text_evaluate(t->in_use, &t->before, &t->arena, texts, t->n,
			      heads, heads_nr);
	return status;
}

static int write_file(const char *path, const void *bytes, size_t len,
		      struct error *err)
{
	FILE *f = fopen(path, "wbe");

	if (f == NULL)
		return error_set(err, "%s: %s", path, strerror(errno));
	if (fwrite(bytes, 1, len, f) != len) {
		fclose(f);
		return error_set(err, "%s: %s", path, strerror(errno));
	}
	if (fclose(f) != 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	return 0;
}

/* --- the command --- */

static int read_texts(struct trainer *t, const struct wishes *w,
		      char *const *paths, int n, struct error *err)
{
	for (int i = 0; i < n; i++)
		if (train_read_file(t, paths[i], err) < 0)
			return -1;
	if (w->from_service && train_read_labels(t, err) < 0)
		return -1;
	if (!t->quiet)
		fprintf(stderr, "%zu texts, %zu lines left out\n", t->n,
			t->bad);
	return 0;
}

static int hand_over(struct trainer *t, const struct wishes *w,
		     struct error *err)
{
	Sy__V1__UseModelRequest use = SY__V1__USE_MODEL_REQUEST__INIT;
	size_t len;
	void *bytes = text_model_save(t->model, &len);
	uint32_t version = 0;
	int status = 0;

	if (w->out != NULL)
		status = write_file(w->out, bytes, len, err);
	if (status == 0 && w->put)
		status = train_put(t, bytes, len, w->note, &version, err);
	free(bytes);
	if (status < 0 || !w->put)
		return status;
	printf("version %u\n", version);
	use.version = version;
	if (w->use && train_ask(t, "UseModel", &use.base, err) == NULL)
		return -1;
	if (w->use)
		printf("in use: version %u\n", version);
	return 0;
}

static enum cli_exit failed(const struct error *err, enum cli_exit status)
{
	fprintf(stderr, "suyuan: %s\n", err->text);
	return status;
}

static enum cli_exit report(struct trainer *t, struct error *err)
{
	Sy__V1__ListModelsRequest request = SY__V1__LIST_MODELS_REQUEST__INIT;
	const ProtobufCMessage *reply;

	reply = train_ask(t, "ListModels", &request.base, err);
	if (reply == NULL)
		return failed(err, CLI_DIFFERENCES);
	train_tell_models((const void *)reply);
	return CLI_OK;
}

static enum cli_exit run(struct trainer *t, const struct wishes *w,
			 char *const *paths, int n)
{
	bool asks = w->from_service || w->put || w->report;
	struct error err;

	if (text_ready(&err) < 0 || (asks && train_connect(t, &err) < 0))
		return failed(&err, CLI_USAGE);
	if (w->report)
		return report(t, &err);
	if (asks && train_load_in_use(t, &err) < 0)
		return failed(&err, CLI_DIFFERENCES);
	if (read_texts(t, w, paths, n, &err) < 0 ||
	    train(t, w->note[0] != '\0' ? w->note : "trained", &err) < 0)
		return failed(&err, CLI_USAGE);
	train_tell_scores(t);
	if (hand_over(t, w, &err) < 0)
		return failed(&err, CLI_DIFFERENCES);
	return t->bad > 0 ? CLI_DIFFERENCES : CLI_OK;
}

enum cli_exit command_train(struct cli *cli, int argc, char **argv)
{
	struct trainer t = { .cli = cli, .seed = 1, .folds = 5 };
	struct wishes w = { .note = "" };
	const struct cli_option options[] = {
		{ "encoding", OPTION_TEXT, &t.encoding, 0, 0 },
		{ "out", OPTION_TEXT, &w.out, 0, 0 },
		{ "note", OPTION_TEXT, &w.note, 0, 0 },
		{ "from-service", OPTION_FLAG, &w.from_service, 0, 0 },
		{ "put", OPTION_FLAG, &w.put, 0, 0 },
		{ "use", OPTION_FLAG, &w.use, 0, 0 },
		{ "report", OPTION_FLAG, &w.report, 0, 0 },
		{ "quiet", OPTION_FLAG, &t.quiet, 0, 0 },
		{ "seed", OPTION_NUMBER, &t.seed, 0, INT64_MAX },
		{ "folds", OPTION_NUMBER, &t.folds, 2, 10 },
		{ 0 },
	};
	int at = cli_options(cli, argc, argv, options);
	enum cli_exit status;

	if (at < 0)
		return CLI_USAGE;
	if (w.report ? at < argc : at == argc && !w.from_service)
		return cli_usage("train FILE... [--from-service] [--out FILE] "
				 "[--put [--use]], or train --report");
	if (w.use && !w.put)
		return cli_usage("--use wants --put");
	if (strlen(w.note) > MODEL_NAME_MAX_BYTES)
		return cli_usage("--note: at most %d bytes",
				 MODEL_NAME_MAX_BYTES);
	arena_init(&t.arena);
	status = run(&t, &w, argv + at, argc - at);
	bus_client_close(&t.client);
	text_model_free(t.model);
	text_model_free(t.in_use);
	arena_reset(&t.arena);
	return status;
}
