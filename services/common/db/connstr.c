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

/* The nth part of a list divided by commas, NULL: it is empty, or there are not
 * so many. */
static char *part(const char *list, int n)
{
	size_t len;

	for (; list && n > 0; n--) {
		list = strchr(list, ',');
		list = list ? list + 1 : NULL;
	}
	len = list ? strcspn(list, ",") : 0;
	return len ? strndup(list, len) : NULL;
}

static int parts_nr(const char *list)
{
	int n = list ? 1 : 0;

	for (; list && *list; list++)
		n += *list == ',';
	return n;
}

static int take_hosts(struct connstr *s, const char *host, const char *addr,
		      const char *port, struct error *err)
{
	int ports_nr = parts_nr(port);

	s->hosts_nr = parts_nr(addr ? addr : host);
	if (s->hosts_nr == 0)
		s->hosts_nr = 1; /* libpq's own */
	if (s->hosts_nr > CONNSTR_HOSTS_MAX)
		return error_set(err, "database URL: more than %d hosts",
				 CONNSTR_HOSTS_MAX);
	if ((addr && host && parts_nr(host) != s->hosts_nr) ||
	    (ports_nr > 1 && ports_nr != s->hosts_nr))
		return error_set(err, "database URL: lists of hosts and ports "
				      "of different lengths");
	for (int i = 0; i < s->hosts_nr; i++)
		s->hosts[i] = (struct connstr_host){
			.host = part(host, i),
			.addr = part(addr, i),
			.port = part(port, ports_nr > 1 ? i : 0),
		};
	return 0;
}

static int take_parts(struct connstr *s, const PQconninfoOption *parts,
		      const char **options_r, struct error *err)
{
	const char *host = NULL, *port = NULL, *addr = NULL;

	for (const PQconninfoOption *o = parts; o->keyword; o++) {
		if (!o->val || !o->val[0])
			continue;
		if (strcmp(o->keyword, "host") == 0)
			host = o->val;
		else if (strcmp(o->keyword, "port") == 0)
			port = o->val;
		else if (strcmp(o->keyword, "hostaddr") == 0)
			addr = o->val;
		else if (strcmp(o->keyword, "options") == 0)
			*options_r = o->val;
	}
	return take_hosts(s, host, addr, port, err);
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
	if (take_parts(s, parts, &options, err) < 0) {
		PQconninfoFree(parts);
		connstr_close(s);
		return -1;
	}
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
	s->fixed_nr = s->nr;
	return 0;
}

const char *connstr_name(const struct connstr *s)
{
	const struct connstr_host *h = &s->hosts[s->at];

	/* '/' and '@' begin a socket's folder. */
	return h->host && !h->addr && h->host[0] != '/' && h->host[0] != '@'
		       ? h->host
		       : NULL;
}

const char *connstr_port(const struct connstr *s)
{
	return s->hosts[s->at].port ? s->hosts[s->at].port : "5432";
}

bool connstr_next(struct connstr *s)
{
	s->at = (s->at + 1) % s->hosts_nr;
	s->round += s->at == 0;
	return s->at != 0;
}

static bool address_text(const struct addrinfo *a, char text[INET6_ADDRSTRLEN])
{
	const void *in = NULL;

	if (a->ai_family == AF_INET)
		in = &((const struct sockaddr_in *)(const void *)a->ai_addr)
			      ->sin_addr;
	else if (a->ai_family == AF_INET6)
		in = &((const struct sockaddr_in6 *)(const void *)a->ai_addr)
			      ->sin6_addr;
	return in && inet_ntop(a->ai_family, in, text, INET6_ADDRSTRLEN);
}

/* The addresses as two lists of one length, the name in one of them, for TLS.
 */
static void put_addresses(struct connstr *s, const struct addrinfo *addresses)
{
	char text[INET6_ADDRSTRLEN];
	size_t len = 0, addrs_len = 0;
	unsigned n = 0, first, i;
	FILE *names = open_memstream(&s->names, &len);
	FILE *addrs = open_memstream(&s->addrs, &addrs_len);

	if (!names || !addrs)
		abort();
	for (const struct addrinfo *a = addresses; a; a = a->ai_next)
		n += address_text(a, text);
	first = n ? s->round % n : 0;
	for (unsigned turn = 0; turn < 2; turn++) {
		i = 0;
		for (const struct addrinfo *a = addresses; a; a = a->ai_next) {
			if (!address_text(a, text))
				continue;
			/* those from the first on, then those before it */
			if ((i++ >= first) != (turn == 0))
				continue;
			fprintf(names, "%s%s", ftell(names) ? "," : "",
				s->hosts[s->at].host);
			fprintf(addrs, "%s%s", ftell(addrs) ? "," : "", text);
		}
	}
	if (fclose(names) != 0 || fclose(addrs) != 0)
		abort();
	put(s, "host", s->names);
	put(s, "hostaddr", s->addrs);
}

void connstr_host(struct connstr *s, const struct addrinfo *addresses)
{
	const struct connstr_host *h = &s->hosts[s->at];

	free(s->names);
	free(s->addrs);
	s->names = s->addrs = NULL;
	s->nr = s->fixed_nr;
	s->keywords[s->nr] = NULL;
	if (addresses) {
		put_addresses(s, addresses);
	} else if (h->host || h->addr) {
		put(s, "host", h->host ? h->host : "");
		put(s, "hostaddr", h->addr ? h->addr : "");
	}
	if (h->port)
		put(s, "port", h->port);
}

void connstr_close(struct connstr *s)
{
	for (int i = 0; i < s->hosts_nr && i < CONNSTR_HOSTS_MAX; i++) {
		free(s->hosts[i].host);
		free(s->hosts[i].addr);
		free(s->hosts[i].port);
	}
	free(s->url);
	free(s->role);
	free(s->options);
	free(s->names);
	free(s->addrs);
	memset(s, 0, sizeof(*s));
}
