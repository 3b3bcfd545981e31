/* options.c -- long options by getopt_long, from the commands' tables. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "methods.h"

#define OPTIONS_MAX 32

enum cli_exit cli_usage(const char *fmt, ...)
{
	va_list ap;

	fputs("suyuan: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return CLI_USAGE;
}

static int take_number(const struct cli_option *o, const char *text)
{
	char *end;
	long long v;

	errno = 0;
	v = strtoll(text, &end, 10);
	if (errno || end == text || *end || v < o->min || v > o->max) {
		cli_usage("--%s: wants a number from %lld to %lld", o->name,
			  (long long)o->min, (long long)o->max);
		return -1;
	}
	*(int64_t *)o->to = v;
	return 0;
}

static int take(const struct cli_option *o, const char *text)
{
	switch (o->type) {
	case OPTION_FLAG:
		*(bool *)o->to = true;
		return 0;
	case OPTION_TEXT:
		*(const char **)o->to = text;
		return 0;
	case OPTION_NUMBER:
		return take_number(o, text);
	}
	return -1;
}

static size_t add(struct option *to, const struct cli_option **rows, size_t n,
		  const struct cli_option *from)
{
	for (; from->name && n < OPTIONS_MAX; from++, n++) {
		rows[n] = from;
		to[n] = (struct option){ .name = from->name,
					 .has_arg =
						 from->type == OPTION_FLAG
							 ? no_argument
							 : required_argument };
	}
	return n;
}

static bool is_endpoint(const char *text)
{
	size_t len = strcspn(text, "=");
	const char *name;

	for (unsigned i = 0; text[len] && (name = service_at(i)); i++)
		if (strlen(name) == len && strncmp(name, text, len) == 0)
			return true;
	return false;
}

int cli_options(struct cli *cli, int argc, char **argv,
		const struct cli_option *own)
{
	const char *endpoint = "";
	const struct cli_option common[] = {
		{ "endpoint", OPTION_TEXT, &endpoint, 0, 0 },
		{ "key", OPTION_TEXT, &cli->key_path, 0, 0 },
		{ "registry", OPTION_TEXT, &cli->registry_path, 0, 0 },
		{ "env", OPTION_TEXT, &cli->env_path, 0, 0 },
		{ "wait", OPTION_NUMBER, &cli->wait_s, 1, 86400 },
		{ 0 },
	};
	const struct cli_option *rows[OPTIONS_MAX];
	struct option options[OPTIONS_MAX + 1] = { 0 };
	/* The first of two with the same name counts: own before common. */
	size_t n = add(options, rows, 0, own);
	int c, i = 0;

	n = add(options, rows, n, common);
	options[n] = (struct option){ 0 };
	optind = 0;
	while ((c = getopt_long(argc, argv, "", options, &i)) != -1) {
		if (c != 0 || take(rows[i], optarg) < 0)
			return -1; /* it was said what is wrong */
		if (rows[i]->to != &endpoint)
			continue;
		if (!is_endpoint(endpoint) ||
		    cli->endpoints_nr == CLI_SERVICES_MAX) {
			cli_usage("--endpoint: wants SERVICE=tcp://..., one "
				  "of " STREAMS);
			return -1;
		}
		cli->endpoints[cli->endpoints_nr++] = endpoint;
	}
	return optind;
}
