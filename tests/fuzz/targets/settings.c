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

static int connection_open(const char *text, struct error *err)
{
	static const struct db_statement none[1];
	struct db_conn_options o = { .url = text,
				     .schema = "complaints",
				     .role = "fuzz",
				     .statements = none };
	struct connstr s;

	if (connstr_open(&s, &o, err) < 0)
		return -1;
	connstr_close(&s);
	return 0;
}

/* What is wrong may be a password: of each mistake the same is said, whatever
 * it was made with. */
static void connection(const char *text)
{
	static const char *const mistakes[] = {
		"=",
		"host=a,b port=1,2,3",
		"host=a,b,c,d,e,f,g,h,i",
	};
	struct error err = { "" }, other = { "" };
	bool told = false;

	if (connection_open(text, &err) == 0)
		return;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		REQUIRE(connection_open(mistakes[i], &other) < 0);
		told = told || strcmp(err.text, other.text) == 0;
	}
	REQUIRE(told);
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

static int keys_open(const char *text, struct error err[2])
{
	uint8_t raw[SEAL_KEY_BYTES];
	struct complaints svc = { .conf.subject_key = (char *)text };
	int sealed = seal_key(text, raw, &err[0]);
	int subject = complaints_keys(&svc, &err[1]);

	REQUIRE(sealed == subject);
	return sealed;
}

static void key(const char *text)
{
	struct error err[2] = { { "" }, { "" } };
	struct error other[2] = { { "" }, { "" } };

	if (keys_open(text, err) == 0)
		return;
	REQUIRE(keys_open("", other) < 0);
	for (int i = 0; i < 2; i++)
		REQUIRE(strcmp(err[i].text, other[i].text) == 0);
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
