/* notes.c -- see notes.h. A note is written in the transaction of what it is
 * about and deleted in the one of its event, so that each becomes one event,
 * whichever process brings it into the log. */
#include "notes.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "store.h"

#define LOOK_EVERY_MS 200
/* An hour. */
#define TRIM_EVERY_LOOKS 18000
#define KEY_ID_BYTES 8

struct notes {
	struct directory *dir;
	struct db_conn *db;
	uv_timer_t timer;
	bool looking, stopped;
	size_t commands_nr; /* on their way through the writer */
	unsigned looks;
	bool making_key;
	char key_id[2 * KEY_ID_BYTES + 1];
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
};

static const struct bus_method *method_of(const char *name)
{
	const struct bus_method *m = directory_methods;

	while (strcmp(m->name, name) != 0)
		m++;
	return m;
}

/* --- notes to events -------------------------------------------------------
 */

/* A refusal says that another process was first. */
static void noted_cb(Sy__V1__ErrorCode code, void *arg)
{
	struct notes *n = arg;

	(void)code;
	n->commands_nr--;
}

static void looked_cb(const struct db_result *res, void *arg)
{
	struct notes *n = arg;
	const struct bus_method *method = method_of("NoteSecurity");

	n->looking = false;
	if (n->stopped)
		return;
	if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
		log_error("notes: %s", res->text);
	if (res->outcome != DB_OK)
		return;
	for (int row = 0; row < db_rows(res, 0); row++) {
		Sy__V1__NoteSecurityRequest request =
			SY__V1__NOTE_SECURITY_REQUEST__INIT;

		request.note_id = db_get_i64(res, 0, row, 0);
		request.principal = (char *)db_get_text(res, 0, row, 1);
		n->commands_nr++;
		bus_server_command(n->dir->bus, method, &request.base, noted_cb,
				   n);
	}
}

static void timer_cb(uv_timer_t *timer)
{
	struct notes *n = timer->data;
	struct db_pipe *pipe;

	if (n->looking || n->commands_nr || !db_conn_up(n->db))
		return;
	n->looking = true;
	pipe = db_pipe_new(n->db);
	db_exec(pipe, SQL_NEXT_NOTES);
	if (n->looks++ % TRIM_EVERY_LOOKS == 0) {
		db_exec(pipe, SQL_TRIM_SESSIONS);
		db_exec(pipe, SQL_TRIM_INVITES);
	}
	db_pipe_run(pipe, looked_cb, n);
}

/* --- the signing key -------------------------------------------------------
 */

static void key_put_cb(Sy__V1__ErrorCode code, void *arg)
{
	struct notes *n = arg;

	n->making_key = false;
	if (code != SY__V1__ERROR_CODE__OK)
		log_error("the new signing key was refused");
}

/* The secret is there: now everybody may learn of the key. */
static void secret_kept_cb(const struct db_result *res, void *arg)
{
	struct notes *n = arg;
	Sy__V1__PutRecordRequest request = SY__V1__PUT_RECORD_REQUEST__INIT;
	Sy__V1__DirectoryRecord record = SY__V1__DIRECTORY_RECORD__INIT;
	Sy__V1__SigningKey key = SY__V1__SIGNING_KEY__INIT;

	if (res->outcome != DB_OK || n->stopped) {
		n->making_key = false;
		if (!n->stopped)
			log_error("a signing key cannot be kept: %s",
				  res->text);
		return;
	}
	key.key_id = n->key_id;
	key.public_key.data = n->public_key;
	key.public_key.len = sizeof(n->public_key);
	record.record_case = SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY;
	record.signing_key = &key;
	request.record = &record;
	bus_server_command(n->dir->bus, method_of("PutSigningKey"),
			   &request.base, key_put_cb, n);
}

void notes_make_key(struct notes *n)
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES], id[KEY_ID_BYTES];
	struct db_pipe *pipe;

	if (n->making_key || n->stopped)
		return;
	n->making_key = true;
	log_info("making a key to sign actor tokens with");
	crypto_sign_keypair(n->public_key, secret);
	randombytes_buf(id, sizeof(id));
	sodium_bin2hex(n->key_id, sizeof(n->key_id), id, sizeof(id));
	pipe = db_pipe_new(n->db);
	db_exec(pipe, SQL_ADD_SECRET);
	db_text(pipe, n->key_id);
	db_bytes(pipe, secret, sizeof(secret));
	sodium_memzero(secret, sizeof(secret));
	db_pipe_run(pipe, secret_kept_cb, n);
}

/* --- life ------------------------------------------------------------------
 */

int notes_open(struct notes **n_r, struct directory *dir, struct error *err)
{
	struct notes *n = calloc(1, sizeof(*n));

	if (!n)
		return error_set(err, "no memory");
	n->dir = dir;
	uv_timer_init(&dir->service.loop, &n->timer);
	n->timer.data = n;
	*n_r = n;
	if (db_conn_open(&n->db, &dir->service.loop,
			 &(struct db_conn_options){
				 .url = dir->conf.service.db_url,
				 .schema = "directory",
				 .role = "directory notes",
				 .statements = directory_statements,
				 .statements_nr = SQL_NR,
				 .statement_timeout_ms = 2000,
			 },
			 err) < 0) {
		notes_close(n_r);
		return -1;
	}
	uv_timer_start(&n->timer, timer_cb, LOOK_EVERY_MS, LOOK_EVERY_MS);
	return 0;
}

void notes_stop(struct notes *n)
{
	if (!n)
		return;
	n->stopped = true;
	uv_timer_stop(&n->timer);
}

static void free_cb(uv_handle_t *handle)
{
	free(handle->data);
}

void notes_close(struct notes **n_r)
{
	struct notes *n = *n_r;

	if (!n)
		return;
	*n_r = NULL;
	n->stopped = true;
	db_conn_close(&n->db);
	uv_close((uv_handle_t *)&n->timer, free_cb);
}
