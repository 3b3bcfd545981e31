/* grants.c -- the principals and signing keys in memory. They are never
 * removed, only revoked, so a new reading only adds and replaces. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "arena.h"
#include "grants.h"
#include "log.h"
#include "store.h"

#define READ_EVERY_MS 500

struct principal {
	char *name;
	bool revoked;
	struct bus_grant grant;
	UT_hash_handle hh;
};

struct key {
	char *key_id;
	bool revoked, has_secret;
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	UT_hash_handle hh;
};

struct grants {
	struct db_conn *db;
	uv_timer_t timer;
	struct principal *principals;
	struct key *keys; /* oldest first */
	int64_t revision; /* of the directory, at the last reading; -1: none */
	bool reading;
	bool closing;
	void (*read_cb)(size_t n, void *arg);
	void *arg;
};

static void grant_fill(struct bus_grant *grant, const Sy__V1__Principal *p)
{
	*grant = (struct bus_grant){ 0 };
	for (size_t i = 0; i < p->n_roles; i++)
		grant->roles |= grant_role(p->roles[i]);
	for (size_t i = 0; i < p->n_streams; i++) {
		if (strcmp(p->streams[i], "*") == 0)
			grant->all_streams = true;
		else if (grant->streams_nr < GRANT_STREAMS_MAX)
			strncpy(grant->streams[grant->streams_nr++],
				p->streams[i], GRANT_CODE_MAX - 1);
	}
	strncpy(grant->unit, p->unit, GRANT_CODE_MAX - 1);
}

static void principal_keep(struct grants *g, const Sy__V1__Principal *row)
{
	struct principal *p;

	HASH_FIND_STR(g->principals, row->name, p);
	if (!p) {
		p = calloc(1, sizeof(*p));
		if (!p || !(p->name = strdup(row->name)))
			abort(); /* as arena_alloc: a crash is survived */
		HASH_ADD_KEYPTR(hh, g->principals, p->name, strlen(p->name), p);
	}
	p->revoked = row->revoked;
	grant_fill(&p->grant, row);
}

static void key_keep(struct grants *g, const struct db_result *res, int row)
{
	size_t public_len, secret_len;
	const char *key_id = db_get_text(res, 2, row, 0);
	const uint8_t *public_key = db_get_bytes(res, 2, row, 1, &public_len);
	const uint8_t *secret = db_get_bytes(res, 2, row, 3, &secret_len);
	struct key *k;

	if (public_len != sizeof(k->public_key))
		return;
	HASH_FIND_STR(g->keys, key_id, k);
	if (!k) {
		k = calloc(1, sizeof(*k));
		if (!k || !(k->key_id = strdup(key_id)))
			abort();
		HASH_ADD_KEYPTR(hh, g->keys, k->key_id, strlen(k->key_id), k);
	}
	k->revoked = db_get_bool(res, 2, row, 2);
	memcpy(k->public_key, public_key, sizeof(k->public_key));
	k->has_secret = secret_len == sizeof(k->secret);
	if (k->has_secret)
		memcpy(k->secret, secret, sizeof(k->secret));
}

static void free_cb(uv_handle_t *handle)
{
	struct grants *g = handle->data;
	struct principal *p, *next;
	struct key *k, *next_key;

	HASH_ITER (hh, g->principals, p, next) {
		HASH_DEL(g->principals, p);
		free(p->name);
		free(p);
	}
	HASH_ITER (hh, g->keys, k, next_key) {
		HASH_DEL(g->keys, k);
		sodium_memzero(k->secret, sizeof(k->secret));
		free(k->key_id);
		free(k);
	}
	free(g);
}

static void rows_cb(const struct db_result *res, void *arg)
{
	struct grants *g = arg;
	struct arena arena;

	g->reading = false;
	if (g->closing)
		return;
	if (res->outcome != DB_OK) {
		if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
			log_error("principals cannot be read: %s", res->text);
		return;
	}
	arena_init(&arena);
	for (int row = 0; row < db_rows(res, 1); row++)
		principal_keep(g, store_principal(&arena, res, 1, row));
	arena_reset(&arena);
	for (int row = 0; row < db_rows(res, 2); row++)
		key_keep(g, res, row);
	g->revision = db_get_i64(res, 0, 0, 0);
	g->read_cb(HASH_COUNT(g->principals), g->arg);
}

static void timer_cb(uv_timer_t *timer)
{
	struct grants *g = timer->data;
	struct db_pipe *pipe;

	if (g->reading || !db_conn_up(g->db))
		return;
	g->reading = true;
	pipe = db_pipe_new(g->db);
	db_exec(pipe, SQL_READ_REVISION);
	db_exec(pipe, SQL_ALL_PRINCIPALS);
	db_i64(pipe, g->revision);
	db_exec(pipe, SQL_ALL_SIGNING_KEYS);
	db_i64(pipe, g->revision);
	db_pipe_run(pipe, rows_cb, g);
}

static void state_cb(bool up, void *arg)
{
	struct grants *g = arg;

	if (up && !g->closing)
		timer_cb(&g->timer);
}

int grants_open(struct grants **g_r, uv_loop_t *loop, const char *url,
		void (*read_cb)(size_t n, void *arg), void *arg,
		struct error *err)
{
	struct grants *g = calloc(1, sizeof(*g));

	if (!g)
		return error_set(err, "no memory");
	g->revision = -1;
	g->read_cb = read_cb;
	g->arg = arg;
	uv_timer_init(loop, &g->timer);
	g->timer.data = g;
	*g_r = g;
	if (db_conn_open(&g->db, loop,
			 &(struct db_conn_options){
				 .url = url,
				 .schema = "directory",
				 .role = "directory principals",
				 .statements = directory_statements,
				 .statements_nr = SQL_NR,
				 .statement_timeout_ms = 2000,
				 .state_cb = state_cb,
				 .state_arg = g,
			 },
			 err) < 0) {
		grants_close(g_r);
		return -1;
	}
	uv_timer_start(&g->timer, timer_cb, READ_EVERY_MS, READ_EVERY_MS);
	return 0;
}

bool grants_answer(void *arg, const char *principal, struct bus_grant *grant_r)
{
	const struct grants *g = arg;
	struct principal *p;

	HASH_FIND_STR(g->principals, principal, p);
	if (!p || p->revoked)
		return false;
	*grant_r = p->grant;
	return true;
}

const uint8_t *grants_actor_key(void *arg, const char *key_id)
{
	const struct grants *g = arg;
	struct key *k;

	HASH_FIND_STR(g->keys, key_id, k);
	return k && !k->revoked ? k->public_key : NULL;
}

const char *grants_signer(const struct grants *g, const uint8_t **secret_r)
{
	const char *key_id = NULL;

	for (const struct key *k = g->keys; k; k = k->hh.next)
		if (!k->revoked && k->has_secret) {
			key_id = k->key_id;
			*secret_r = k->secret;
		}
	return key_id;
}

void grants_close(struct grants **g_r)
{
	struct grants *g = *g_r;

	if (!g)
		return;
	*g_r = NULL;
	g->closing = true;
	db_conn_close(&g->db);
	uv_close((uv_handle_t *)&g->timer, free_cb);
}
