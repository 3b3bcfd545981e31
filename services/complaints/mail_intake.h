/* mail_intake.h -- what the two files of the intake share: mail_intake.c looks
 * into mailboxes, mail_take.c makes facts of a mail. */
#ifndef SUYUAN_MAIL_INTAKE_H
#define SUYUAN_MAIL_INTAKE_H

#include <sodium.h>

#include "complaints.h"
#include "outside/imap.h"

struct intake_mail {
	struct complaints *svc;
	struct db_conn *conn;
	uv_timer_t tick;
	bool busy; /* a look goes on */
	bool closing, closed;
	int waits; /* pipes and commands that will call back */

	struct arena box_arena;
	struct {
		const char *name, *url, *login, *secret;
		const char *kind, *channel, *topic, *unit, *department;
		int64_t uidvalidity, uid; /* as the table has them */
	} box;
	struct imap *imap;
	int64_t uidvalidity; /* of the list in hand, 0: not listed yet */
	size_t at;           /* in the list */

	/* The mail in hand. */
	struct arena arena;
	struct mail mail;
	char external_id[EXTERNAL_ID_MAX + 1];
	char name[2 * crypto_generichash_BYTES_MIN +
		  1];        /* of its files: what external_id hashes to */
	int64_t received_us; /* by the server: the same at each look */
	uint8_t sender[32];
	/* The case that it names, of another customer; "" = none. */
	char answers[CASE_NUMBER_MAX];
	bool reopened_in_vain;
	size_t file;                      /* the next one */
	const struct bus_method *in_hand; /* being judged, NULL: none */
	uint8_t appeal_id[UUID_BYTES];    /* of its case, once known */
	char appeal_text[UUID_TEXT_MAX];
};

/* How it went with a mail. */
enum mail_end {
	MAIL_END_TAKEN,
	MAIL_END_REFUSED,      /* it will never go in */
	MAIL_END_UNKNOWN_CODE, /* the mailbox's codes are wrong */
	MAIL_END_LATER,
};

/* mail_take.c: facts of the mail in hand; res of MAIL_TAKEN_FIND. */
void intake_mail_take(struct intake_mail *m, const struct db_result *res);
/* mail_intake.c: told at the end of it. */
void intake_mail_ended(struct intake_mail *m, enum mail_end end);

/* A pipe whose cb asks intake_mail_over first. */
void intake_mail_run(struct intake_mail *m, struct db_pipe *pipe,
		     db_pipe_cb *cb);
/* One that was waited for has come; true: nothing is left to do with it. */
bool intake_mail_over(struct intake_mail *m);
int32_t intake_mail_lease_ms(const struct intake_mail *m);

#endif
