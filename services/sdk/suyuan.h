/* suyuan.h -- libsuyuan: publish to a Suyuan service from any C program.
 *
 * What is accepted takes effect exactly once, whatever restarts meanwhile:
 * events are numbered under the publisher's name, sent again after any loss,
 * and the service commits a number once. Outcomes come by a callback.
 *
 *	struct suyuan_options o = SUYUAN_OPTIONS;
 *	struct suyuan *s;
 *	char why[256];
 *
 *	o.endpoint = "tcp://suyuan.example:17110";
 *	o.key_file = "callcentre.key";
 *	o.registry_file = "registry";
 *	o.publisher = "pbx-1";
 *	o.spool_file = "/var/lib/pbx/suyuan.spool";
 *	o.outcome_cb = told;
 *	if (suyuan_open(&s, &o, why, sizeof(why)) != SUYUAN_OK)
 *		return fail(why);
 *	const struct suyuan_field fields[] = {
 *		{ "external_id", "1699351200.42" }, { "kind", "complaint" },
 *		{ "channel", "call_centre" },       { "unit", "o101000" },
 *		{ "person.phone", phone },          { NULL, NULL },
 *	};
 *	const struct suyuan_event event = {
 *		.type = "RegisterAppeal", .key = "1699351200.42",
 *		.occurred_at_us = when, .fields = fields,
 *	};
 *	if (suyuan_publish(s, &event, SUYUAN_FOREVER, NULL) != SUYUAN_OK)
 *		...
 *	suyuan_flush(s, 30000);
 *	suyuan_close(&s);
 *
 * Threads: every function may be called from any thread at any time, but
 * suyuan_close once and last. Each open publisher has one thread of its own,
 * which takes no signals and calls outcome_cb with no lock held.
 * fork: the child cannot use what its parent opened (SUYUAN_E_FORKED);
 * suyuan_close there only forgets it. It may open a publisher of another name.
 * Memory that is out ends the process, as a crash that the spool survives.
 *
 * License: Apache-2.0 or GPL-3.0-or-later, see LICENSE beside it. */
#ifndef SUYUAN_H
#define SUYUAN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

#define SUYUAN_API 1

/* What functions return. */
enum suyuan_status {
	SUYUAN_OK = 0,
	SUYUAN_E_INVALID = -1,   /* an option, a type, a field: see the text */
	SUYUAN_E_TOO_LARGE = -2, /* an event of more than 256 KiB */
	SUYUAN_E_FULL = -3,      /* no room within wait_ms; nothing was taken */
	SUYUAN_E_TIMEOUT = -4,   /* still on its way */
	SUYUAN_E_ENDED = -5,     /* suyuan_why says why: no event is sent again
				  */
	SUYUAN_E_SPOOL = -6, /* the file cannot be written, suyuan_publish_why
			      * says why: the event was not taken, unless the
			      * publisher has ended; then it may go with the
			      * next run */
	SUYUAN_E_FORKED = -7,
	SUYUAN_E_SYSTEM = -8, /* no thread, no descriptors */
};
const char *suyuan_status_text(int status);

/* For wait_ms and timeout_ms. */
#define SUYUAN_NOW 0
#define SUYUAN_FOREVER (-1)

/* --- outcomes --- */

enum suyuan_result {
	SUYUAN_ACCEPTED = 1, /* committed and durable there */
	SUYUAN_REJECTED,     /* refused for good: code, field and text */
	/* The publisher was closed or ended before an answer came: it may have
	 * taken effect. What stands in a spool file goes with the next run. */
	SUYUAN_GIVEN_UP,
};

struct suyuan_outcome {
	enum suyuan_result result;
	int recovered;  /* of an earlier run, from the spool: arg is NULL */
	void *arg;      /* as given to suyuan_publish */
	char key[201];  /* of the event */
	char code[24];  /* "UNKNOWN_CODE" ...; of GIVEN_UP "CLOSED", "FENCED" */
	char field[64]; /* by path: "person.phone" */
	char text[192]; /* never holds a value */
};

/* In order per key; may publish (it never waits: wait_ms counts as 0), must not
 * flush or close. An outcome is told once, but what is recovered may have been
 * told before the earlier run died. */
typedef void suyuan_outcome_cb(const struct suyuan_outcome *outcome,
			       void *cb_arg);

/* --- opening --- */

/* When suyuan_publish returns, with a spool file, the event stands in it and is
 * not lost by the death of */
enum suyuan_sync {
	SUYUAN_SYNC_HOST,    /* the machine: fdatasync first; threads that wait
			      * share one */
	SUYUAN_SYNC_PROCESS, /* the process: write(2) only */
};

struct suyuan_options {
	size_t size; /* SUYUAN_OPTIONS sets it */
	/* tcp://HOST:PORT or tcp://HOST:FIRST-LAST; HOST may have several
	 * addresses, which may change. All that answer are used. */
	const char *endpoint;
	const char *service;  /* its name; NULL: "complaints" */
	const char *key_file; /* own: lines "public Z85", "secret Z85" */
	/* One of both: the key of the service itself (Z85, 40 characters), or
	 * a registry file with a line for it. */
	const char *server_key;
	const char *registry_file;
	/* [a-z0-9_.:-]{1,64}. One running program a name: a second one takes
	 * the name over, and the first ends with FENCED. */
	const char *publisher;

	/* NULL: none. Holds what was taken and is not acknowledged, customers'
	 * data included: mode 0600, locked, rewritten a second after the last
	 * acknowledgement and after each MiB, removed by suyuan_close when
	 * empty. A record that was cut at the end is dropped (its event was
	 * never taken); one that is damaged before others makes suyuan_open
	 * fail and say where. */
	const char *spool_file;
	enum suyuan_sync spool_sync;
	size_t spool_bytes; /* 0: 64 MiB. More: full */
	size_t max_waiting; /* events without outcome; 0: 16384. More: full */

	suyuan_outcome_cb *outcome_cb; /* NULL: nobody is told */
	void *cb_arg;
	/* What an operator may want to read; level 1 info, 2 warning, 3 error.
	 * From the library's thread. NULL: silence. */
	void (*log_cb)(int level, const char *text, void *cb_arg);
};
#ifdef __cplusplus
#define SUYUAN_OPTIONS                                                         \
	([] {                                                                  \
		suyuan_options o = suyuan_options();                           \
		o.size = sizeof(o);                                            \
		return o;                                                      \
	}())
#else
#define SUYUAN_OPTIONS                                                         \
	{                                                                      \
		.size = sizeof(struct suyuan_options)                          \
	}
#endif

struct suyuan;

/* Comes back at once, whether the service is there or not, and sends what a
 * spool file holds. why (why_bytes, may be NULL) says what is wrong. */
int suyuan_open(struct suyuan **s_r, const struct suyuan_options *options,
		char *why, size_t why_bytes);

/* --- publishing --- */

/* A field of the request by its path ("person.phone") and its value as text, as
 * in CSV files of `suyuan publish`: whole numbers, RFC 3339 for fields that end
 * in _us. NULL or "" leaves it unset. */
struct suyuan_field {
	const char *name;
	const char *value;
};

struct suyuan_event {
	/* To complaints: RegisterAppeal, ClassifyAppeal, AnswerAppeal,
	 * ResolveAppeal, CloseAppeal. To social: PutMention, DeleteMention. */
	const char *type;
	/* 1 to 200 printable ASCII characters; events of one key keep their
	 * order. For an appeal its external_id, for a mention "source/id". */
	const char *key;
	int64_t occurred_at_us; /* since 1970, UTC */
	/* One of both: fields, ended by { NULL, NULL }, or the request packed
	 * by any protobuf library. */
	const struct suyuan_field *fields;
	const void *payload;
	size_t payload_bytes;
};

/* Takes the event (copied). With no room it waits up to wait_ms. SUYUAN_OK: the
 * outcome will come. */
int suyuan_publish(struct suyuan *s, const struct suyuan_event *event,
		   int wait_ms, void *arg);
/* For SUYUAN_E_INVALID and SUYUAN_E_SPOOL: what is wrong; of this thread's last
 * call. Never holds a value. */
const char *suyuan_publish_why(void);
/* Takes it and waits for its outcome, which is not told to outcome_cb.
 * SUYUAN_E_TIMEOUT: it goes on without you. Not from outcome_cb. */
int suyuan_publish_wait(struct suyuan *s, const struct suyuan_event *event,
			int timeout_ms, struct suyuan_outcome *outcome_r);

/* Waits until nothing waits. SUYUAN_OK, SUYUAN_E_TIMEOUT, SUYUAN_E_ENDED. Not
 * from outcome_cb. */
int suyuan_flush(struct suyuan *s, int timeout_ms);

struct suyuan_stats {
	uint64_t taken; /* by publish, and from the spool */
	uint64_t sent;  /* put on a connection; once more each time again */
	uint64_t accepted;
	uint64_t duplicate; /* from the spool, and committed before: done once
			     */
	uint64_t rejected;
	uint64_t given_up;
	uint64_t waiting;     /* taken, no outcome yet */
	uint64_t recovered;   /* read from the spool */
	uint64_t reconnects;  /* all replicas were lost and one came back */
	uint64_t spool_bytes; /* as large as the file is now */
	uint64_t torn_bytes;  /* cut at the end of the spool when opened */
};
/* Fills at most stats_bytes: sizeof(*stats_r). */
void suyuan_stats(struct suyuan *s, struct suyuan_stats *stats_r,
		  size_t stats_bytes);

/* "" as long as it is alive; else why it ended ("FENCED: ..."). Lives as long
 * as s. */
const char *suyuan_why(struct suyuan *s);
/* What keeps a living one from the service at the moment, for whoever set it
 * up: "nobody answers at tcp://...", "... refuses the key sha256:...", "" if
 * nothing is known to. It goes on trying. At most text_bytes with the NUL; 256
 * are enough for all. */
void suyuan_trouble(struct suyuan *s, char *text_r, size_t text_bytes);

/* Gives up what waits (flush first), joins the thread, clears *s. NULL does
 * nothing. Not from outcome_cb. */
void suyuan_close(struct suyuan **s);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
