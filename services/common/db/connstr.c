/* connstr.c -- what a libpq URL becomes: the settings that every connection of
 * ours has. They travel in the startup packet, so they cost no round trip and
 * hold from the first statement on. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* A peer that vanished is noticed after 2 + 3 x 1 s in both directions; without
 * the user timeout, unacknowledged data would keep keepalives silent for
 * minutes. jit=off: its compile time exceeds our longest statement.
 * No parallel workers: starting them exceeds it too, and the other cores have
 * work. idle_in_transaction: a client that sleeps in BEGIN would hold locks. */
#define FIXED_SETTINGS                                                         \
	" -c jit=off -c max_parallel_workers_per_gather=0 -c "                 \
	"idle_in_transaction_session_timeout=2000"                             \
	" -c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1"               \
	" -c tcp_keepalives_count=3 -c tcp_user_timeout=5000"

/* A plan is kept; of a table that was empty just then it would be to read all
 * of it, until somebody analyses it anew. */
#define BY_THE_INDEXES "force_generic_plan -c enable_seqscan=off"

static char *copy(const char *text)
{
	char *out = strdup(text);

	if (!out)
		abort();
	return out;
}

/* The schema goes into a command line of settings unquoted. */
static bool schema_ok(const char *schema)
{
	return schema[0] && !strchr("0123456789", schema[0]) &&
	       strspn(schema, "abcdefghijklmnopqrstuvwxyz0123456789_") ==
		       strlen(schema);
}

static void put(struct connstr *s, const char *keyword, const char *value)
{
	s->keywords[s->nr] = keyword;
	s->values[s->nr] = value;
	s->nr++;
	s->keywords[s->nr] = NULL;
	s->values[s->nr] = NULL;
}

static void take_parts(struct connstr *s, const PQconninfoOption *parts,
		       const char **options_r)
{
	const char *host = NULL, *port = NULL;
	bool address = false;

	for (const PQconninfoOption *o = parts; o->keyword; o++) {
		if (!o->val || !o->val[0])
			continue;
		if (strcmp(o->keyword, "host") == 0)
			host = o->val;
		else if (strcmp(o->keyword, "port") == 0)
			port = o->val;
		else if (strcmp(o->keyword, "hostaddr") == 0)
			address = true;
		else if (strcmp(o->keyword, "options") == 0)
			*options_r = o->val;
	}
	/* Lists of hosts and socket folders are libpq's affair. */
	if (host && !address && host[0] != '/' && host[0] != '@' &&
	    !strchr(host, ','))
		s->host = copy(host);
	s->port = copy(port ? port : "5432");
}

int connstr_open(struct connstr *s, const struct db_conn_options *o,
		 struct error *err)
{
	const char *options = NULL;
	PQconninfoOption *parts;
	char *problem = NULL;

	memset(s, 0, sizeof(*s));
	if (!schema_ok(o->schema))
		return error_set(err, "database schema: not a plain name");
	parts = PQconninfoParse(o->url, &problem);
	if (!parts) {
		/* libpq's text may quote the password. */
		PQfreemem(problem);
		return error_set(err, "database URL: not a connection string");
	}
	take_parts(s, parts, &options);
	s->url = copy(o->url);
	s->role = copy(o->role);
	if (asprintf(&s->options,
		     "%s -c search_path=%s -c statement_timeout=%d "
		     "-c plan_cache_mode=%s" FIXED_SETTINGS,
		     options ? options : "", o->schema, o->statement_timeout_ms,
		     o->custom_plans ? "auto" : BY_THE_INDEXES) < 0)
		abort();
	PQconninfoFree(parts);
	put(s, "dbname", s->url); /* first: what follows overrides it */
	put(s, "application_name", s->role);
	put(s, "options", s->options);
	put(s, "client_encoding", "UTF8");
	put(s, "keepalives", "1");
	put(s, "keepalives_idle", "2");
	put(s, "keepalives_interval", "1");
	put(s, "keepalives_count", "3");
	put(s, "tcp_user_timeout", "5000");
	put(s, "connect_timeout", "5"); /* of blocking connections only */
	/* A server that is still recovering, or a standby, shows a log of
	 * before: we would say that it went back. Of several hosts the one is
	 * found. */
	put(s, "target_session_attrs", "read-write");
	return 0;
}

void connstr_resolved(struct connstr *s, const struct addrinfo *addresses)
{
	char text[INET6_ADDRSTRLEN];
	size_t len = 0, addrs_len = 0;
	int nr = 0;
	FILE *hosts, *addrs;

	/* Drops what an earlier call has put at the end. */
	if (s->hosts)
		s->nr -= 2;
	free(s->hosts);
	free(s->hostaddrs);
	s->hosts = s->hostaddrs = NULL;
	hosts = open_memstream(&s->hosts, &len);
	addrs = open_memstream(&s->hostaddrs, &addrs_len);
	if (!hosts || !addrs)
		abort();
	for (const struct addrinfo *a = addresses; a; a = a->ai_next) {
		const void *in = NULL;

		if (a->ai_family == AF_INET)
			in = &((const struct sockaddr_in *)(const void *)
				       a->ai_addr)
				      ->sin_addr;
		else if (a->ai_family == AF_INET6)
			in = &((const struct sockaddr_in6 *)(const void *)
				       a->ai_addr)
				      ->sin6_addr;
		if (!in || !inet_ntop(a->ai_family, in, text, sizeof(text)))
			continue;
		/* Both lists need the same length; the name stays for TLS. */
		fprintf(hosts, "%s%s", nr ? "," : "", s->host);
		fprintf(addrs, "%s%s", nr ? "," : "", text);
		nr++;
	}
	if (fclose(hosts) != 0 || fclose(addrs) != 0)
		abort();
	put(s, "host", s->hosts);
	put(s, "hostaddr", s->hostaddrs);
}

void connstr_close(struct connstr *s)
{
	free(s->url);
	free(s->role);
	free(s->options);
	free(s->host);
	free(s->port);
	free(s->hosts);
	free(s->hostaddrs);
	memset(s, 0, sizeof(*s));
}
