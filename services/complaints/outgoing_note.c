/* outgoing_note.c -- what is told of an event, to whom: the directory's
 * NoticeRules say it. The rows are written in the transaction of the event, so
 * that there is no event without its notice and no notice without its event.
 */
#include <string.h>

#include <sodium.h>

#include "complaints.h"
#include "desk.h"
#include "timeutil.h"

#define EMAIL "email"
#define WEBHOOK "webhook/"

struct outgoing_note {
	const struct appeal_case *c;
	const char *event, *template, *lang, *channel, *unit, *text;
	int64_t revision;
	int64_t occurred_at_us;
	int32_t registered_day, due_day;
	struct outgoing_note *next;
};

struct noting {
	struct complaints *svc;
	struct arena *arena;
	struct outgoing_note **notes;
	struct outgoing_note like; /* what all of this event have */
};

static bool same_channel(const struct noting *n, const char *channel)
{
	for (const struct outgoing_note *o = *n->notes; o != NULL; o = o->next)
		if (o->c == n->like.c && o->revision == n->like.revision &&
		    strcmp(o->channel, channel) == 0)
			return true;
	return false;
}

/* Of several rules for one channel the one with the highest order wins: it
 * comes first. */
static bool rule_cb(const Sy__V1__Policy *policy, void *arg)
{
	struct noting *n = arg;
	const Sy__V1__NoticeRule *rule = policy->notice;
	const char *channel = rule->by[0] != '\0' ? rule->by : EMAIL;
	struct outgoing_note *o;

	if (strcmp(rule->event, n->like.event) != 0 ||
	    (strcmp(channel, EMAIL) == 0
		     ? n->svc->conf.mail.smtp.url[0] == '\0'
		     : strncmp(channel, WEBHOOK, strlen(WEBHOOK)) != 0) ||
	    same_channel(n, channel))
		return true;
	o = arena_alloc(n->arena, sizeof(*o));
	*o = n->like;
	o->channel = arena_strdup(n->arena, channel);
	o->template = arena_strdup(n->arena, rule->template_);
	o->lang = rule->lang[0] != '\0' ? arena_strdup(n->arena, rule->lang)
					: n->svc->conf.mail.lang;
	o->next = *n->notes;
	*n->notes = o;
	return true;
}

/* When the customer may expect an answer, 0: nothing was promised. */
static int64_t answer_due_us(const struct appeal_facts *after)
{
	for (size_t i = 0; i < after->clocks_nr; i++)
		if (strcmp(after->clocks[i]->clock, "answer") == 0)
			return after->clocks[i]->due_us;
	return after->first_response_due_us;
}

void outgoing_note(struct complaints *svc, struct bus_batch *batch,
		   struct outgoing_note **notes, const struct appeal_case *c,
		   const char *event, uint64_t revision, int64_t occurred_at_us,
		   const struct appeal_facts *after, const char *text)
{
	const char *const *code = after->code;
	int32_t day = after->registered_day;
	const struct policy_case of = {
		.kind = code[CODE_KIND],
		.channel = code[CODE_CHANNEL],
		.topic = code[CODE_TOPIC],
		.segment = code[CODE_SEGMENT],
		.unit = code[CODE_UNIT],
		.product = code[CODE_PRODUCT],
	};
	struct noting n = {
		.svc = svc,
		.arena = &batch->arena,
		.notes = notes,
		.like = {
			.c = c,
			.event = event,
			.revision = (int64_t)revision,
			.occurred_at_us = occurred_at_us,
			.unit = code[CODE_UNIT],
			.text = text,
			.registered_day = day,
		},
	};

	/* A pending case is nobody's yet; and nobody wants to hear now of what
	 * an old file tells. */
	if (after->registered_at_us == 0 ||
	    occurred_at_us <
		    batch->now_us - svc->conf.mail.give_up_days * US_PER_DAY)
		return;
	if (answer_due_us(after) != 0)
		n.like.due_day = replica_local_day(
			svc->replica, code[CODE_UNIT], answer_due_us(after));
	replica_policies(svc->replica, SY__V1__POLICY__RULE_NOTICE, day, &of,
			 rule_cb, &n);
}

static void put_texts(struct db_pipe *pipe, const struct outgoing_note *notes,
		      size_t offset)
{
	const char *text;

	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (; notes != NULL; notes = notes->next) {
		memcpy(&text, (const char *)notes + offset, sizeof(text));
		db_array_text(pipe, text);
	}
	db_array_end(pipe);
}

/* --- the code by which a closed case is rated (desk_rating.c) --- */

char *rating_code(const struct complaints *svc,
		  const uint8_t appeal_id[UUID_BYTES], int64_t revision,
		  char text[RATING_CODE_MAX])
{
	uint8_t mac[crypto_auth_hmacsha256_BYTES];
	char about[UUID_TEXT_MAX + 32], id[UUID_TEXT_MAX];

	snprintf(about, sizeof(about), "rating %s.%lld",
		 uuid_format(appeal_id, id), (long long)revision);
	crypto_auth_hmacsha256(mac, (const uint8_t *)about, strlen(about),
			       svc->hash_key);
	return sodium_bin2base64(text, RATING_CODE_MAX, mac, 16,
				 sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool notice_is_rated(const char *event, const char *channel)
{
	return strcmp(event, "AppealClosed") == 0 &&
	       strcmp(channel, EMAIL) == 0;
}

static bool is_rated(const struct outgoing_note *o)
{
	return notice_is_rated(o->event, o->channel);
}

static void write_rating_codes(const struct complaints *svc,
			       const struct outgoing_note *notes,
			       struct db_pipe *pipe)
{
	const struct outgoing_note *o;
	char code[RATING_CODE_MAX];
	uint8_t hash[32];

	db_exec(pipe, SQL_MAIL + MAIL_RATING_CODES);
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (o = notes; o != NULL; o = o->next) {
		if (!is_rated(o))
			continue;
		rating_code(svc, o->c->id, o->revision, code);
		crypto_generichash(hash, sizeof(hash), (const uint8_t *)code,
				   strlen(code), NULL, 0);
		db_array_data(pipe, hash, sizeof(hash));
	}
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (o = notes; o != NULL; o = o->next)
		if (is_rated(o))
			db_array_data(pipe, o->c->id, UUID_BYTES);
	db_array_end(pipe);
	db_text(pipe, svc->service.name);
}

void outgoing_write(const struct complaints *svc,
		    const struct outgoing_note *notes, struct db_pipe *pipe)
{
	const struct outgoing_note *o;

	if (notes == NULL)
		return;
	db_exec(pipe, SQL_MAIL + MAIL_OUTGOING_ADD);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (o = notes; o != NULL; o = o->next)
		db_array_data(pipe, o->c->id, UUID_BYTES);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (o = notes; o != NULL; o = o->next)
		db_array_int(pipe, o->revision);
	db_array_end(pipe);
	put_texts(pipe, notes, offsetof(struct outgoing_note, channel));
	put_texts(pipe, notes, offsetof(struct outgoing_note, event));
	put_texts(pipe, notes, offsetof(struct outgoing_note, template));
	put_texts(pipe, notes, offsetof(struct outgoing_note, lang));
	put_texts(pipe, notes, offsetof(struct outgoing_note, unit));
	db_array_begin(pipe, DB_ARRAY_TIME);
	for (o = notes; o != NULL; o = o->next)
		db_array_int(pipe, o->occurred_at_us);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I32);
	for (o = notes; o != NULL; o = o->next)
		db_array_int(pipe, o->registered_day);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I32);
	for (o = notes; o != NULL; o = o->next)
		db_array_int(pipe, o->due_day);
	db_array_end(pipe);
	put_texts(pipe, notes, offsetof(struct outgoing_note, text));
	if (svc->conf.mail.public_url[0] != '\0')
		write_rating_codes(svc, notes, pipe);
}
