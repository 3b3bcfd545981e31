/* publish.c -- `suyuan publish appeals|mentions`: a file of somebody's records
 * becomes events. records.c takes it apart, mapping.c says what it means,
 * pump.c brings it there. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "input.h"
#include "mapping.h"
#include "methods.h"
#include "pump.h"
#include "rejects.h"

#define MAPPING_MAX_BYTES ((size_t)1024 * 1024)
/* Part of the publisher's name: to be counted up when the same mapping over
 * the same file would make other events than before. */
#define EVENTS_VERSION "suyuan publish 1"

struct publish {
	const struct mapping_of *of;
	const char *path, *format, *map_path, *publisher, *rejects_path;
	int64_t rate;
	bool dry_run;

	enum record_format record_format;
	struct input *input;
	struct records *records;
	struct mapping *mapping;
	struct rejects *rejects;
	char name[64];      /* of the publisher */
	struct arena arena; /* of one record */
	struct mapped_event events[MAPPING_EVENTS_MAX];
	int events_nr, events_at;
	uint64_t line;
	uint64_t lines_rejected, events_made;
};

static void add_problem(struct publish *p, const struct problem *problem)
{
	p->lines_rejected++;
	rejects_add(p->rejects, p->path, problem->line, problem->type,
		    problem->field, problem->code, problem->text);
}

static void rejected(void *arg, uint64_t tag, const Sy__V1__Reject *reject)
{
	struct publish *p = arg;
	const ProtobufCEnumValue *code = protobuf_c_enum_descriptor_get_value(
		&sy__v1__error_code__descriptor, (int)reject->code);

	rejects_add(p->rejects, p->path, tag >> 8,
		    mapping_rule_type(p->mapping, tag & 255), reject->field,
		    code ? code->name : "INTERNAL", reject->text);
}

/* Reads until the records have enough. PUMP_EVENT: they have. */
static enum pump_next fill(struct publish *p, struct error *err)
{
	long n = input_read(p->input, err);

	if (n == -2)
		return PUMP_WAIT;
	if (n < 0)
		return PUMP_FAILED;
	if (n == 0)
		records_finish(p->records);
	else
		records_feed(p->records, p->input->chunk, (size_t)n);
	return PUMP_EVENT;
}

static void take_record(struct publish *p, const struct record *record)
{
	struct problem problem;

	arena_reset(&p->arena);
	p->line = record->line;
	p->events_at = 0;
	p->events_nr = mapping_apply(p->mapping, record, &p->arena, p->events,
				     &problem);
	if (p->events_nr < 0) {
		p->events_nr = 0;
		add_problem(p, &problem);
	}
}

/* Until there is at least one event. */
static enum pump_next next_record(struct publish *p, struct error *err)
{
	while (p->events_at == p->events_nr) {
		struct record record;
		struct problem problem;
		enum pump_next filled;

		switch (records_next(p->records, &record, &problem)) {
		case RECORD_OK:
			take_record(p, &record);
			break;
		case RECORD_HEADER:
			if (mapping_bind(p->mapping, p->records, err) < 0)
				return PUMP_FAILED;
			break;
		case RECORD_BAD:
			if (p->record_format == FORMAT_CSV &&
			    records_columns(p->records) == 0) {
				error_set(err, "line %llu, the header: %s",
					  (unsigned long long)problem.line,
					  problem.text);
				return PUMP_FAILED;
			}
			add_problem(p, &problem);
			break;
		case RECORD_MORE:
			filled = fill(p, err);
			if (filled != PUMP_EVENT)
				return filled;
			break;
		case RECORD_END:
			if (p->record_format == FORMAT_JSONL ||
			    records_columns(p->records) > 0)
				return PUMP_END;
			error_set(err, "%s: is empty, without even a header",
				  p->path);
			return PUMP_FAILED;
		}
	}
	return PUMP_EVENT;
}

static enum pump_next next(void *arg, struct pump_event *event_r,
			   struct error *err)
{
	struct publish *p = arg;
	const struct mapped_event *ev;
	enum pump_next outcome = next_record(p, err);

	if (outcome != PUMP_EVENT)
		return outcome;
	ev = &p->events[p->events_at++];
	p->events_made++;
	*event_r = (struct pump_event){
		.type = ev->type,
		.key = ev->key,
		.occurred_at_us = ev->occurred_at_us,
		.payload = ev->payload,
		.tag = p->line << 8 | ev->rule,
	};
	return PUMP_EVENT;
}

static void progress(void *arg, struct pump_progress *progress_r)
{
	const struct publish *p = arg;

	progress_r->done_bytes = p->input->read_bytes;
	progress_r->total_bytes = p->input->total_bytes;
	progress_r->rejected = p->lines_rejected;
}

static bool ends_in(const char *text, const char *tail)
{
	size_t n = strlen(text), m = strlen(tail);

	return n >= m && strcmp(text + n - m, tail) == 0;
}

static int choose_format(struct publish *p, struct error *err)
{
	const char *format = p->format                    ? p->format
			     : ends_in(p->path, ".csv")   ? "csv"
			     : ends_in(p->path, ".jsonl") ? "jsonl"
							  : "";

	if (strcmp(format, "csv") == 0)
		p->record_format = FORMAT_CSV;
	else if (strcmp(format, "jsonl") == 0)
		p->record_format = FORMAT_JSONL;
	else
		return error_set(err, "%s%s",
				 p->format ? "--format: wants csv or jsonl"
					   : p->path,
				 p->format ? ""
					   : ": the name ends neither in .csv "
					     "nor in .jsonl; say --format");
	return 0;
}

/* The mapping's text is salt for the publisher's name, and the encoding. */
static int open_mapping(struct publish *p, struct error *err)
{
	char *text, *salt;
	size_t len = 0, salt_len;
	int status = -1;

	if (!p->map_path) {
		p->mapping = mapping_identity(p->of);
		text = strdup("");
	} else {
		text = input_whole(p->map_path, MAPPING_MAX_BYTES, &len, err);
		if (!text)
			return -1;
		if (mapping_load(&p->mapping, p->of, text, len, err) < 0) {
			free(text);
			return error_prefix(err, "%s", p->map_path);
		}
	}
	salt_len = (size_t)asprintf(
		&salt, "%s\n%d\n%.*s\n%s", EVENTS_VERSION,
		(int)p->record_format, (int)len, text,
		p->input->encoding_name ? p->input->encoding_name : "");
	if (p->publisher) {
		snprintf(p->name, sizeof(p->name), "%.63s", p->publisher);
		status = 0;
	} else if (!p->dry_run) {
		status = input_publisher("file", salt, salt_len,
					 (char *const *)&p->path, 1, p->name,
					 err);
	} else {
		status = 0;
	}
	free(salt);
	free(text);
	return status;
}

static enum cli_exit dry_run(struct publish *p, struct error *err)
{
	struct pollfd pfd = { .fd = p->input->fd, .events = POLLIN };
	struct pump_event event;

	for (;;) {
		switch (next(p, &event, err)) {
		case PUMP_EVENT:
			break;
		case PUMP_WAIT:
			poll(&pfd, 1, -1);
			break;
		case PUMP_END:
			return CLI_OK;
		case PUMP_FAILED:
			return CLI_USAGE;
		}
	}
}

static void report(const struct publish *p, const struct pump_result *r)
{
	const struct publisher_stats *s = &r->stats;
	uint64_t refused = rejects_count(p->rejects) - p->lines_rejected;
	uint64_t accepted =
		s->acknowledged > refused ? s->acknowledged - refused : 0;

	printf("lines read      %llu\n",
	       (unsigned long long)records_lines(p->records));
	printf("events made     %llu\n", (unsigned long long)p->events_made);
	if (!p->dry_run) {
		printf("submitted       %llu\n",
		       (unsigned long long)s->submitted);
		printf("accepted        %llu\n", (unsigned long long)accepted);
		printf("resumed         %llu\n",
		       (unsigned long long)s->resumed);
	}
	printf("rejected        %llu lines of the file, %llu events by the "
	       "service\n",
	       (unsigned long long)p->lines_rejected,
	       (unsigned long long)refused);
	if (p->dry_run)
		return;
	printf("publisher       %s\n", p->name);
	if (p->publisher && s->resumed > 0)
		fprintf(stderr,
			"%llu were sent under this name before, and not "
			"compared: a file that changed elsewhere than at its "
			"end wants another --publisher\n",
			(unsigned long long)s->resumed);
	if (r->interrupted)
		printf("stopped at line %llu, %llu events not acknowledged; "
		       "the "
		       "same command goes on from here\n",
		       (unsigned long long)p->line,
		       (unsigned long long)s->in_flight);
}

static enum cli_exit run(struct cli *cli, struct publish *p, struct error *err)
{
	const struct pump_options options = { .service = p->of->service,
					      .publisher = p->name,
					      .rate_per_s = p->rate };
	struct pump_source source = { next, rejected, progress, -1, p };
	struct pump_result result = { 0 };
	enum cli_exit status;

	if (choose_format(p, err) < 0 || open_mapping(p, err) < 0 ||
	    input_open(p->input, p->path, err) < 0 ||
	    rejects_open(&p->rejects, p->rejects_path, err) < 0)
		return CLI_USAGE;
	p->records = records_new(p->record_format);
	if (p->dry_run) {
		status = dry_run(p, err);
	} else {
		if (cli_open(cli, err) < 0)
			return CLI_USAGE;
		source.wait_fd = p->input->regular ? -1 : p->input->fd;
		status = pump_run(cli, &options, &source, &result, err);
	}
	if (status < CLI_USAGE || result.stats.submitted > 0)
		report(p, &result);
	if (status == CLI_OK &&
	    (rejects_count(p->rejects) > 0 || result.interrupted))
		return CLI_DIFFERENCES;
	return status;
}

static const struct mapping_of *of_named(const char *what)
{
	if (strcmp(what, mapping_appeals.what) == 0)
		return &mapping_appeals;
	return strcmp(what, mapping_mentions.what) == 0 ? &mapping_mentions
							: NULL;
}

enum cli_exit command_publish(struct cli *cli, int argc, char **argv)
{
	struct publish p = { 0 };
	const char *encoding = NULL;
	const struct cli_option options[] = {
		{ "encoding", OPTION_TEXT, &encoding, 0, 0 },
		{ "format", OPTION_TEXT, &p.format, 0, 0 },
		{ "map", OPTION_TEXT, &p.map_path, 0, 0 },
		{ "publisher", OPTION_TEXT, &p.publisher, 0, 0 },
		{ "rejects", OPTION_TEXT, &p.rejects_path, 0, 0 },
		{ "rate", OPTION_NUMBER, &p.rate, 0, 10000000 },
		{ "dry-run", OPTION_FLAG, &p.dry_run, 0, 0 },
		{ 0 },
	};
	int at = cli_options(cli, argc, argv, options);
	struct error err = { "" };
	enum cli_exit status;

	if (at < 0)
		return CLI_USAGE;
	p.of = argc - at == 2 ? of_named(argv[at]) : NULL;
	if (!p.of)
		return cli_usage("publish appeals|mentions FILE|-; see suyuan "
				 "help publish");
	p.path = argv[at + 1];
	p.input = calloc(1, sizeof(*p.input));
	if (!p.input)
		abort();
	p.input->fd = -1;
	p.input->encoding_name = encoding;
	arena_init(&p.arena);
	status = run(cli, &p, &err);
	if (rejects_close(&p.rejects, &err) < 0 && status == CLI_OK)
		status = CLI_DIFFERENCES;
	if (err.text[0])
		fprintf(stderr, "suyuan: %s\n", err.text);
	mapping_free(&p.mapping);
	records_free(p.records);
	arena_reset(&p.arena);
	input_close(p.input);
	free(p.input);
	return status;
}
