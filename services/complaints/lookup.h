/* lookup.h -- look-ups in systems outside from the page of a case (C20).
 *
 *   RunLookup --lookup_handlers.c: case, policy, what was typed in-->
 *   lookup_run.c, lookup_call.c: one HTTP call, redirects followed by hand-->
 *   lookup_answer.c: what of the JSON is shown--> the fact KeepLookup
 *
 * No transaction and no lock is open while a system outside is asked. Whom it
 * may be says the deployment alone (outside/hosts.h): a policy names a host, it
 * does not allow one.
 */
#ifndef SUYUAN_COMPLAINTS_LOOKUP_H
#define SUYUAN_COMPLAINTS_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus/server.h"
#include "conf.h"
#include "dir/lookup.h"
#include "outside/transfer.h"
#include "suyuan/v1/complaints.pb-c.h"
#include "uuid.h"

struct complaints;
struct part;

/* Of a case: each is a fact, and folded with the others for ever. */
#define CASE_LOOKUPS_MAX 50
#define LOOKUPS_FULL "holds 50 look-ups already"

/* --- lookup_conf.c --- */

struct lookup_conf {
	char *hosts;       /* SUYUAN_LOOKUP_HOSTS */
	char *secrets_dir; /* SUYUAN_LOOKUP_SECRETS_DIR */
};
extern const struct conf_entry lookup_conf_entries[];
struct outside_hosts;
int lookup_conf_check(const struct lookup_conf *conf,
		      struct outside_hosts *hosts_r, struct error *err);

/* --- lookup_answer.c: what of an answer is kept; pure --- */

#define LOOKUP_KEPT_MAX 1000 /* bytes of a value; the rest is cut */

/* False: not JSON. Fills values of the result. */
bool lookup_answer(struct arena *arena, const Sy__V1__LookupRule *rule,
		   const char *body, size_t len, Sy__V1__LookupResult *result);
/* The body of a POST; NULL: the field *lacks_r has no value. */
char *lookup_body(struct arena *arena, const Sy__V1__LookupRule *rule,
		  lookup_value_fn *value, void *arg, const char **lacks_r);

/* --- lookup_call.c --- */

struct lookup_call;
struct lookup_ask {
	uv_loop_t *loop;
	struct transfers *transfers;
	const struct outside_hosts *hosts;
	const char *secrets_dir, *ca_file;
	const Sy__V1__LookupRule *rule; /* this and what follows: until cb */
	const char *url, *body;         /* filled; body NULL: GET */
	const char *id;                 /* of the run: Idempotency-Key */
};
struct lookup_answered {
	Sy__V1__LookupOutcome outcome; /* DONE: body may be JSON */
	uint32_t status, took_ms;
	const char *body; /* until cb returns */
	size_t len;
};
/* cb is called once, from the loop, never from inside this call. */
struct lookup_call *
lookup_call_start(const struct lookup_ask *ask,
		  void (*cb)(const struct lookup_answered *a, void *arg),
		  void *arg);
/* Without a callback. NULL does nothing. */
void lookup_call_cut(struct lookup_call *call);

/* --- lookup_run.c: what is being asked now --- */

struct lookups;
int lookups_open(struct lookups **l_r, struct complaints *svc,
		 struct error *err);
/* Nobody outside is asked any more: who waits is told to come again, and
 * nothing of it is kept. */
void lookups_drain(struct lookups *l);
/* After the bus, whose commands call back. */
void lookups_close(struct lookups **l);

#define LOOKUP_ITEM_MAX 40
struct lookup_question {
	char appeal_id[UUID_TEXT_MAX];
	char item[LOOKUP_ITEM_MAX]; /* of the run: by whom, by which key */
	const char *principal;
	const Sy__V1__Policy *policy;
	Sy__V1__LookupGiven **inputs;
	size_t inputs_nr;
	const char *url, *body; /* as in lookup_ask */
};
/* OK: its result is kept in the case. */
typedef void lookup_ended_fn(Sy__V1__ErrorCode code, void *arg);
/* True: it is being asked already, and cb is called when that has ended. */
bool lookups_join(struct lookups *l, const struct lookup_question *question,
		  lookup_ended_fn *cb, void *arg);
/* The question is copied. False: too many are being asked, or the process
 * ends. */
bool lookups_begin(struct lookups *l, const struct lookup_question *question,
		   lookup_ended_fn *cb, void *arg);

/* --- lookup_store.c --- */

enum lookup_sql {
	LOOKUP_SQL_KEPT,
	LOOKUP_SQL_COUNT,
	LOOKUP_SQL_NR,
};
extern const struct db_statement lookup_sql[LOOKUP_SQL_NR];

extern const struct part lookup_part;

#endif
