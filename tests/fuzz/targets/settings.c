/* settings.c -- what an operator writes: environment variables, one a line,
 * connection strings and endpoints among them. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "../lib/fuzz.h"
#include "bus/client_internal.h"
#include "complaints/complaints.h"
#include "db/private.h"
#include "gateway/gateway.h"
#include "gateway/seal.h"

static void load(const struct conf_entry *const *tables, void *conf)
{
	struct error err = { "" };

	if (conf_load(tables, conf, &err) == 0) {
		conf_unload(tables, conf);
		return;
	}
	/* A name of a variable may be anything: error.c sees to a cut. */
	REQUIRE(err.text[0]);
}

static void connection(const char *text)
{
	static const struct db_statement none[1];
	struct db_conn_options o = { .url = text,
				     .schema = "complaints",
				     .role = "fuzz",
				     .statements = none };
	struct connstr s;
	struct error err = { "" };

	if (connstr_open(&s, &o, &err) == 0)
		connstr_close(&s);
	else
		/* It may be a password. */
		REQUIRE(strlen(text) < 12 || !strstr(err.text, text));
}

static void endpoint(const char *text)
{
	char host[64] = "";
	int first, last;

	if (endpoint_parse(text, host, sizeof(host), &first, &last) < 0)
		return;
	REQUIRE(*host && strlen(host) < sizeof(host));
	REQUIRE(first >= 1 && first <= last && last <= 65535);
	REQUIRE(last - first < CLIENT_REPLICAS_MAX);
}

static void key(const char *text)
{
	uint8_t raw[SEAL_KEY_BYTES];
	struct complaints svc = { 0 };
	struct error err = { "" };

	seal_key(text, raw, &err);
	svc.conf.subject_key = (char *)text;
	complaints_keys(&svc, &err);
	REQUIRE(strlen(text) < 12 || !strstr(err.text, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	struct complaints_conf complaints = { 0 };
	struct gateway_conf gateway = { 0 };
	struct arena arena;

	arena_init(&arena);
	clearenv();
	while (f.left) {
		char *line = fuzz_line(&f, &arena, NULL);
		char *value = strchr(line, '=');

		connection(line);
		endpoint(line);
		key(line);
		if (!value)
			continue;
		connection(value + 1);
		endpoint(value + 1);
		key(value + 1);
		*value = '\0';
		/* Files are read by registry.c's target; these names would open
		 * what the input says. */
		if (*line && !strstr(line, "_FILE"))
			setenv(line, value + 1, 1);
	}
	load(complaints_conf_tables, &complaints);
	load(gateway_conf_tables, &gateway);
	clearenv();
	arena_reset(&arena);
	return 0;
}
