/* keyed.c -- a schema belongs to the secret that its pseudonyms were made with.
 */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "private.h"

#define FINGERPRINT_BYTES 8

/* The first that comes notes it; all are told what is noted. */
static const char sql_keyed[] =
	"INSERT INTO keyed AS k (variable, fingerprint) VALUES ($1, $2) "
	"ON CONFLICT (variable) DO UPDATE SET fingerprint = k.fingerprint "
	"RETURNING fingerprint";

static void fingerprint(const uint8_t *key, size_t bytes,
			char text_r[2 * FINGERPRINT_BYTES + 1])
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, key, bytes);
	sodium_bin2hex(text_r, 2 * FINGERPRINT_BYTES + 1, hash,
		       FINGERPRINT_BYTES);
}

static int compare(PGconn *pg, const char *variable, const char *now,
		   struct error *err)
{
	const char *params[] = { variable, now };
	PGresult *res =
		PQexecParams(pg, sql_keyed, 2, NULL, params, NULL, NULL, 0);
	const char *then;
	int status = 0;

	if (PQresultStatus(res) != PGRES_TUPLES_OK) {
		struct db_failure failure;

		db_failure_read(&failure, res);
		status = error_set(err, "%s: %s", variable, failure.text);
	} else if (strcmp(then = PQgetvalue(res, 0, 0), now) != 0) {
		status = error_set(
			err,
			"%s: the database was made with another key (its "
			"fingerprint is %s, that of this one %s): with this "
			"one nobody in it would be found, give the other back",
			variable, then, now);
	}
	PQclear(res);
	return status;
}

int db_keyed(const char *url, const char *schema, const char *variable,
	     const uint8_t *key, size_t bytes, struct error *err)
{
	PGconn *pg = db_connect(url, schema, "keyed", 0, err);
	char now[2 * FINGERPRINT_BYTES + 1];
	int status;

	if (!pg)
		return -1;
	fingerprint(key, bytes, now);
	status = compare(pg, variable, now, err);
	PQfinish(pg);
	return status;
}
