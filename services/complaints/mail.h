/* mail.h -- what goes out of complaints to customers and programs, and what
 * comes in by mail.
 *
 *   event of a case --outgoing_note--> row in the same transaction
 *   row --outgoing.c: claim, send, record--> SMTP server, webhook
 *   IMAP server --mail_intake.c: fetch, parse, judge--> facts of a case
 *
 * Both ways are told apart from the rest of the service: own connection, own
 * tables, and a server outside that hangs holds up nothing here.
 */
#ifndef SUYUAN_MAIL_H
#define SUYUAN_MAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/server.h"
#include "conf.h"
#include "mail/smtp.h"
#include "mail_rules.h"
#include "outside/secrets.h"
#include "outside/transfer.h"

struct complaints;
struct part;
struct appeal_case;
struct appeal_facts;

/* --- mail_conf.c --- */

struct mail_conf {
	struct smtp_conf smtp;
	char *lang, *public_url, *ca_file, *secrets_dir;
	int64_t retry_ms, give_up_days, timeout_ms;
	int64_t poll_ms, max_bytes, per_hour;
};
extern const struct conf_entry mail_conf_entries[];

/* Checks all of it, and fills from_r: NULLs while no mail goes out. */
int mail_conf_check(const struct mail_conf *conf, struct mail_from *from_r,
		    struct error *err);

/* --- mail_store.c: statements, the same on every connection that has them;
 * on the bus's they stand behind the service's own --- */

enum mail_sql {
	MAIL_OUTGOING_ADD,
	MAIL_RATING_CODES,
	MAIL_OUTGOING_CLAIM,
	MAIL_OUTGOING_ENDED,
	MAIL_OUTGOING_EXPIRE,
	MAIL_OUTGOING_WAITING,
	MAIL_OUTGOING_LIST,
	MAIL_OUTGOING_EXPORT,
	MAIL_OUTGOING_ATTEMPTS,
	MAIL_OUTGOING_FIND,
	MAIL_OUTGOING_RETRY,
	MAIL_WEBHOOK_PUT,
	MAIL_WEBHOOK_LIST,
	MAIL_BOX_PUT,
	MAIL_BOX_LIST,
	MAIL_BOX_LEASE,
	MAIL_BOX_POLLED,
	MAIL_BOX_DONE,
	MAIL_ASIDE_PUT,
	MAIL_ASIDE_LIST,
	MAIL_TAKEN,
	MAIL_TAKEN_FIND,
	MAIL_SQL_NR,
};
extern const struct db_statement mail_sql[MAIL_SQL_NR];
/* Where they begin on the bus's connections: as parts.c has it (desk.h). */
#define SQL_MAIL DESK_SQL_END

/* --- outgoing_note.c: in the transaction of the event --- */

struct outgoing_note;
/* After decide, once an event: adds to *notes what the directory's policies
 * say of it. text: what the fact said. */
void outgoing_note(struct complaints *svc, struct bus_batch *batch,
		   struct outgoing_note **notes, const struct appeal_case *c,
		   const char *event, uint64_t revision, int64_t occurred_at_us,
		   const struct appeal_facts *after, const char *text);
void outgoing_write(const struct complaints *svc,
		    const struct outgoing_note *notes, struct db_pipe *pipe);

/* Such a notice has a link to rate the case, whose code is stored with it. */
bool notice_is_rated(const char *event, const char *channel);
#define RATING_CODE_MAX 24
/* By which the customer rates the case, the same at each attempt. Returns
 * text. */
char *rating_code(const struct complaints *svc,
		  const uint8_t appeal_id[UUID_BYTES], int64_t revision,
		  char text[RATING_CODE_MAX]);

/* --- outgoing.c --- */

struct outgoing;
int outgoing_open(struct outgoing **o_r, struct complaints *svc,
		  struct error *err);
/* Nothing new is sent; drained_cb when what is being sent has ended, or was cut
 * off. */
void outgoing_drain(struct outgoing *o, void (*drained_cb)(void *arg),
		    void *arg);
void outgoing_close(struct outgoing **o);

/* outgoing_handlers.c: a row of MAIL_OUTGOING_LIST or _EXPORT without its
 * attempts; strings live in res. */
Sy__V1__Outgoing *outgoing_fill(struct arena *arena,
				const struct db_result *res, int st, int row,
				bool personal);

/* --- outgoing_compose.c --- */

/* A row of the table, as MAIL_OUTGOING_CLAIM gives it; lives as long as its
 * arena. */
struct notice {
	uint8_t appeal_id[UUID_BYTES];
	int64_t revision;
	const char *channel, *event, *template, *lang;
	int32_t attempt;
	int64_t created_at_us;
	int32_t registered_day, due_day; /* local to the unit, 0 = none */
	const char *address, *name, *text;
	const char *subject, *body; /* as tried before; "" = not rendered yet */
	const char *external_id;
	const char *unit_name, *department_name, *topic_name;
	/* The approved version, as the desk keeps it; NULL: there is none. */
	const uint8_t *template_body;
	size_t template_body_len;
	const char *customer_id;  /* Message-ID of the customer's mail */
	int64_t first_revision;   /* of our first mail, 0 = this is it */
	const char *url, *secret; /* of the webhook; "" = not there */
	const char *json;         /* body for a webhook */
};
/* Makes subject (what the template is called in the language) and body; link:
 * to rate the case, "" = none. SENT_DONE, or why there is no text. */
enum sent notice_render(struct notice *n, const char *link,
			struct arena *arena);
/* The mail as it goes over the wire; caller frees. NULL: the address cannot
 * stand in an envelope. */
char *notice_compose(const struct notice *n, const struct mail_from *from,
		     size_t *len_r);

/* --- mail_intake.c --- */

struct intake_mail;
int intake_mail_open(struct intake_mail **m_r, struct complaints *svc,
		     struct error *err);
void intake_mail_close(struct intake_mail **m);
/* In the transaction of the facts that the mail in hand became. */
void intake_mail_write(struct intake_mail *m, struct bus_batch *batch,
		       struct db_pipe *pipe);

/* --- mail_handlers.c --- */

extern const struct part mail_part;

/* --- outgoing_handlers.c --- */

void handle_list_outgoing(struct bus_request *req);
void handle_find_outgoing(struct bus_request *req);
void handle_retry_outgoing(struct bus_request *req);

#endif
