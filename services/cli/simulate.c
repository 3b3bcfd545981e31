/* simulate.c -- `suyuan simulate`: writes the files of a post, publishes its
 * customers' appeals and what is said about it, says what must have been
 * counted. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "input.h"
#include "offices.h"
#include "pump.h"
#include "rejects.h"
#include "sim.h"
#include "sim_mentions.h"
#include "sim_requests.h"
#include "timeutil.h"

struct simulate {
	int64_t branches, offices, seed, count, rate, seconds;
	const char *out, *units, *organisation, *from, *base, *publisher;

	struct sim_stream stream;
	struct sim_requests requests;
	struct sim_mentions mentions;
	uint64_t mentions_at;
	struct rejects *rejects;
	uint64_t refused;
};

/* --- organisation --- */

static int write_file(const char *dir, const char *name,
		      const struct sim_organisation *o,
		      void (*write)(FILE *to, const struct sim_organisation *o),
		      struct error *err)
{
	char path[4096];
	FILE *to;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	to = fopen(path, "we");
	if (!to)
		return error_set(err, "%s: %s", path, strerror(errno));
	write(to, o);
	if (ferror(to) | fclose(to))
		return error_set(err, "%s: %s", path, strerror(errno));
	return 0;
}

static void write_departments(FILE *to, const struct sim_organisation *o)
{
	(void)o;
	sim_write_departments(to);
}

static enum cli_exit organisation(const struct simulate *s, struct error *err)
{
	const struct sim_organisation o = { s->branches, s->offices,
					    (uint64_t)s->seed };

	if (!s->out) {
		error_set(err, "simulate organisation: --out DIR");
		return CLI_USAGE;
	}
	if (mkdir(s->out, 0777) < 0 && errno != EEXIST) {
		error_set(err, "%s: %s", s->out, strerror(errno));
		return CLI_USAGE;
	}
	if (write_file(s->out, "units.csv", &o, sim_write_units, err) < 0 ||
	    write_file(s->out, "departments.csv", &o, write_departments, err) <
		    0 ||
	    write_file(s->out, "denominators.csv", &o, sim_write_denominators,
		       err) < 0)
		return CLI_USAGE;
	printf("%lld branches, %lld offices in %s\n", (long long)o.branches,
	       (long long)o.offices, s->out);
	return CLI_OK;
}

/* --- appeals --- */

static enum pump_next next(void *arg, struct pump_event *event_r,
			   struct error *err)
{
	struct simulate *s = arg;
	struct sim_appeal appeal;
	enum sim_type type;
	uint64_t i;

	(void)err;
	if (!sim_next(&s->stream, &type, &i, &appeal))
		return PUMP_END;
	sim_request(&s->requests, type, i, &appeal, event_r);
	event_r->tag = i + 1;
	return PUMP_EVENT;
}

static enum pump_next next_mention(void *arg, struct pump_event *event_r,
				   struct error *err)
{
	struct simulate *s = arg;

	(void)err;
	if (s->count > 0 && s->mentions_at == (uint64_t)s->count)
		return PUMP_END;
	sim_mention(&s->mentions, s->mentions_at++, event_r);
	event_r->tag = s->mentions_at;
	return PUMP_EVENT;
}

static void rejected(void *arg, uint64_t tag, const Sy__V1__Reject *reject)
{
	struct simulate *s = arg;
	const ProtobufCEnumValue *code = protobuf_c_enum_descriptor_get_value(
		&sy__v1__error_code__descriptor, (int)reject->code);

	s->refused++;
	rejects_add(s->rejects, "event", tag, "", reject->field,
		    code ? code->name : "INTERNAL", reject->text);
}

/* The beginning of the window. */
static int choose_time(const struct simulate *s, int64_t *from_us_r,
		       struct error *err)
{
	int64_t base_us = time_now_us() / US_PER_S * US_PER_S;

	if (s->from && s->base)
		return error_set(err, "--from and --base exclude each other");
	if (s->from) {
		if (time_parse_us(s->from, from_us_r) < 0)
			return error_set(err, "--from: wants a time like "
					      "2025-03-01T00:00:00Z");
		return 0;
	}
	if (s->base && time_parse_us(s->base, &base_us) < 0)
		return error_set(err, "--base: wants a time like "
				      "2025-03-31T00:00:00Z");
	*from_us_r = base_us - SIM_WINDOW_DAYS * US_PER_DAY;
	return 0;
}

static int choose_publisher(const struct simulate *s, const char *units,
			    char name_r[64], struct error *err)
{
	char salt[128];
	int n;

	if (s->publisher) {
		snprintf(name_r, 64, "%s", s->publisher);
		return 0;
	}
	n = snprintf(salt, sizeof(salt), "suyuan simulate 1 %lld %lld %lld\n",
		     (long long)s->seed, (long long)s->count,
		     (long long)s->requests.from_us);
	return input_publisher("sim", salt, (size_t)n, (char *const *)&units, 1,
			       name_r, err);
}

static void report(const struct simulate *s, const char *name,
		   const struct pump_result *r)
{
	const struct publisher_stats *t = &r->stats;
	char text[TIME_TEXT_MAX];

	printf("submitted       %llu\naccepted        %llu\n"
	       "resumed         %llu\nrejected        %llu\n",
	       (unsigned long long)t->submitted,
	       (unsigned long long)(t->acknowledged > s->refused
					    ? t->acknowledged - s->refused
					    : 0),
	       (unsigned long long)t->resumed, (unsigned long long)s->refused);
	printf("events/s        %.0f\n", (double)(t->submitted - t->in_flight) *
						 1e6 /
						 (double)(r->elapsed_us + 1));
	printf("publisher       %s --from %s\n", name,
	       time_format_us(s->requests.from_us, text));
	if (r->interrupted || s->seconds)
		printf("stopped; the same command with this --from goes on\n");
}

/* Of the same office list, in the same window. */
static enum cli_exit
stream(struct cli *cli, struct simulate *s, const char *service,
       enum pump_next (*next_event)(void *, struct pump_event *,
				    struct error *),
       struct error *err)
{
	char name[64], path[4096];
	const struct pump_options options = { .service = service,
					      .publisher = name,
					      .rate_per_s = s->rate,
					      .limit_s = s->seconds };
	const struct pump_source source = { next_event, rejected, NULL, -1, s };
	struct pump_result result;
	enum cli_exit status;

	if (!s->units == !s->organisation) {
		error_set(err, "simulate: --units FILE");
		return CLI_USAGE;
	}
	snprintf(path, sizeof(path), "%s%s",
		 s->units ? s->units : s->organisation,
		 s->units ? "" : "/units.csv");
	if (choose_time(s, &s->requests.from_us, err) < 0 ||
	    offices_load(&s->requests.offices, path, err) < 0 ||
	    choose_publisher(s, path, name, err) < 0 || cli_open(cli, err) < 0)
		return CLI_USAGE;
	rejects_open(&s->rejects, NULL, err);
	s->requests.seed = (uint64_t)s->seed;
	s->stream.seed = (uint64_t)s->seed;
	s->stream.count = (uint64_t)s->count;
	s->mentions.offices = &s->requests.offices;
	s->mentions.seed = (uint64_t)s->seed;
	s->mentions.from_us = s->requests.from_us;
	/* At a rate as time goes on, else all in the window's first hours. */
	s->mentions.every_us = s->rate > 0 ? US_PER_S / s->rate : US_PER_MS;
	status = pump_run(cli, &options, &source, &result, err);
	report(s, name, &result);
	rejects_close(&s->rejects, NULL);
	return status == CLI_OK && s->refused > 0 ? CLI_DIFFERENCES : status;
}

static enum cli_exit totals(const struct simulate *s, struct error *err)
{
	json_t *json;

	if (s->count == 0) {
		error_set(err, "simulate totals: --count N");
		return CLI_USAGE;
	}
	json = sim_totals((uint64_t)s->seed, (uint64_t)s->count);
	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
	putchar('\n');
	json_decref(json);
	return CLI_OK;
}

enum cli_exit command_simulate(struct cli *cli, int argc, char **argv)
{
	struct simulate s = { .branches = 86, .offices = 40000, .seed = 1 };
	const struct cli_option options[] = {
		{ "branches", OPTION_NUMBER, &s.branches, 1, 10000 },
		{ "offices", OPTION_NUMBER, &s.offices, 1, 800000 },
		{ "seed", OPTION_NUMBER, &s.seed, 0, INT64_MAX },
		{ "count", OPTION_NUMBER, &s.count, 0, INT64_MAX / 8 },
		{ "rate", OPTION_NUMBER, &s.rate, 0, 10000000 },
		{ "seconds", OPTION_NUMBER, &s.seconds, 0, 30 * 86400 },
		{ "out", OPTION_TEXT, &s.out, 0, 0 },
		{ "units", OPTION_TEXT, &s.units, 0, 0 },
		{ "organisation", OPTION_TEXT, &s.organisation, 0, 0 },
		{ "from", OPTION_TEXT, &s.from, 0, 0 },
		{ "base", OPTION_TEXT, &s.base, 0, 0 },
		{ "publisher", OPTION_TEXT, &s.publisher, 0, 0 },
		{ 0 },
	};
	int at = cli_options(cli, argc, argv, options);
	struct error err = { "" };
	enum cli_exit status;
	const char *what;

	if (at < 0)
		return CLI_USAGE;
	what = argc - at == 1 ? argv[at] : "";
	sim_requests_init(&s.requests);
	if (strcmp(what, "organisation") == 0)
		status = organisation(&s, &err);
	else if (strcmp(what, "appeals") == 0)
		status = stream(cli, &s, "complaints", next, &err);
	else if (strcmp(what, "mentions") == 0)
		status = stream(cli, &s, "social", next_mention, &err);
	else if (strcmp(what, "totals") == 0)
		status = totals(&s, &err);
	else
		status = cli_usage("simulate organisation|appeals|mentions|"
				   "totals; see suyuan help simulate");
	if (err.text[0])
		fprintf(stderr, "suyuan: %s\n", err.text);
	sim_requests_close(&s.requests);
	return status;
}
