/* lag.c -- `suyuan lag`: who is behind, once or again and again, and a status
 * for scripts. */
#include <unistd.h>

#include "lag.h"
#include "methods.h"
#include "timeutil.h"

/* It is looked at when something is away. */
#define WAIT_S 5

struct lag_options {
	bool json, watch;
	int64_t max_events, max_seconds, every_s;
};

static bool within_limits(const struct lag *lag, const struct lag_options *o)
{
	for (size_t i = 0; i < lag->consumers_nr; i++) {
		const struct lag_consumer *c = &lag->consumers[i];

		if (c->trouble[0] ||
		    (o->max_events >= 0 &&
		     c->events > (uint64_t)o->max_events) ||
		    (o->max_seconds >= 0 &&
		     c->behind_us > o->max_seconds * US_PER_S))
			return false;
	}
	return true;
}

static enum cli_exit look(struct lag *lag, const struct lag_options *o,
			  struct error *err)
{
	enum cli_exit status = lag_ask(lag, err);

	if (err->text[0])
		return status;
	if (o->watch && !o->json && isatty(STDOUT_FILENO))
		fputs("\033[H\033[2J", stdout);
	(o->json ? lag_print_json : lag_print_text)(stdout, lag);
	if (status == CLI_OK && !within_limits(lag, o))
		status = CLI_DIFFERENCES;
	return status;
}

static enum cli_exit open_services(struct lag *lag, struct error *err)
{
	const char *name;

	if (cli_open(lag->cli, err) < 0)
		return CLI_USAGE;
	for (unsigned i = 0; (name = service_at(i)); i++) {
		struct lag_service *s = &lag->services[lag->services_nr];

		if (!cli_endpoint(lag->cli, name))
			continue;
		s->name = name;
		if (cli_connect(lag->cli, name, &s->client, err) < 0)
			return CLI_USAGE;
		lag->services_nr++;
	}
	if (lag->services_nr > 0)
		return CLI_OK;
	error_set(err, "no endpoint of any service");
	return CLI_USAGE;
}

enum cli_exit command_lag(struct cli *cli, int argc, char **argv)
{
	struct lag lag = { .cli = cli };
	struct lag_options o = { .max_events = -1,
				 .max_seconds = -1,
				 .every_s = 2 };
	const struct cli_option options[] = {
		{ "json", OPTION_FLAG, &o.json, 0, 0 },
		{ "watch", OPTION_FLAG, &o.watch, 0, 0 },
		{ "every", OPTION_NUMBER, &o.every_s, 1, 3600 },
		{ "max-events", OPTION_NUMBER, &o.max_events, 0, INT64_MAX },
		{ "max-seconds", OPTION_NUMBER, &o.max_seconds, 0,
		  INT64_MAX / US_PER_S },
		{ 0 },
	};
	struct error err = { "" };
	enum cli_exit status;
	int at;

	cli->wait_s = WAIT_S;
	at = cli_options(cli, argc, argv, options);
	if (at < 0)
		return CLI_USAGE;
	if (argc != at)
		return cli_usage("lag [options]; see suyuan help lag");
	arena_init(&lag.arena);
	status = open_services(&lag, &err);
	if (status == CLI_OK)
		status = look(&lag, &o, &err);
	while (o.watch && !err.text[0] && cli_written()) {
		arena_reset(&lag.arena);
		cli_pause(cli, (uint64_t)o.every_s * 1000);
		status = look(&lag, &o, &err);
	}
	if (err.text[0])
		fprintf(stderr, "suyuan: %s\n", err.text);
	for (size_t i = 0; i < lag.services_nr; i++)
		bus_client_close(&lag.services[i].client);
	arena_reset(&lag.arena);
	return status;
}
