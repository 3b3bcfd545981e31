/* public_rules.c -- what a customer is told of a case, what may be asked for,
 * and the slots of a centre's day. Pure.
 */
#include <string.h>

#include "public.h"

#define MINUTES_MIN 5

/* --- what a customer is told --- */

Sy__V1__PublicState public_state(Sy__V1__AppealState state, uint32_t reopened)
{
	switch (state) {
	case SY__V1__APPEAL_STATE__APPEAL_REGISTERED:
		return SY__V1__PUBLIC_STATE__PUBLIC_RECEIVED;
	case SY__V1__APPEAL_STATE__APPEAL_CLASSIFIED:
	case SY__V1__APPEAL_STATE__APPEAL_ROUTED:
	case SY__V1__APPEAL_STATE__APPEAL_INVESTIGATED:
		return reopened > 0 ? SY__V1__PUBLIC_STATE__PUBLIC_REOPENED
				    : SY__V1__PUBLIC_STATE__PUBLIC_IN_WORK;
	case SY__V1__APPEAL_STATE__APPEAL_ANSWERED:
		return SY__V1__PUBLIC_STATE__PUBLIC_ANSWERED;
	case SY__V1__APPEAL_STATE__APPEAL_RESOLVED:
	case SY__V1__APPEAL_STATE__APPEAL_INFORMED:
		return SY__V1__PUBLIC_STATE__PUBLIC_SETTLED;
	case SY__V1__APPEAL_STATE__APPEAL_CLOSED:
		return SY__V1__PUBLIC_STATE__PUBLIC_CLOSED;
	case SY__V1__APPEAL_STATE__APPEAL_REOPENED:
		return SY__V1__PUBLIC_STATE__PUBLIC_REOPENED;
	case SY__V1__APPEAL_STATE__APPEAL_WITHDRAWN:
		return SY__V1__PUBLIC_STATE__PUBLIC_WITHDRAWN;
	case SY__V1__APPEAL_STATE__APPEAL_MERGED:
		return SY__V1__PUBLIC_STATE__PUBLIC_MERGED;
	case SY__V1__APPEAL_STATE__APPEAL_NONE:
	case SY__V1__APPEAL_STATE__APPEAL_PENDING:
	case _SY__V1__APPEAL_STATE_IS_INT_SIZE:
		break;
	}
	return SY__V1__PUBLIC_STATE__PUBLIC_NONE;
}

Sy__V1__PublicStepState public_step_state(const Sy__V1__AppealClock *clock,
					  bool ended, int64_t now_us)
{
	bool stopped = clock->stopped_at_us != 0;

	switch ((int)clock->state) {
	case SY__V1__CLOCK_STATE__CLOCK_MET:
		return SY__V1__PUBLIC_STEP_STATE__STEP_DONE;
	case SY__V1__CLOCK_STATE__CLOCK_BREACHED:
		return stopped ? SY__V1__PUBLIC_STEP_STATE__STEP_DONE_LATE
			       : SY__V1__PUBLIC_STEP_STATE__STEP_OVERDUE;
	case SY__V1__CLOCK_STATE__CLOCK_PAUSED:
		return SY__V1__PUBLIC_STEP_STATE__STEP_PAUSED;
	case SY__V1__CLOCK_STATE__CLOCK_RUNNING:
		if (ended)
			break;
		/* its timer may be a moment late */
		return clock->due_us < now_us
			       ? SY__V1__PUBLIC_STEP_STATE__STEP_OVERDUE
			       : SY__V1__PUBLIC_STEP_STATE__STEP_RUNNING;
	default:
		break;
	}
	return SY__V1__PUBLIC_STEP_STATE__STEP_DROPPED;
}

Sy__V1__PublicWordKind public_word_kind(enum fact_type type, bool own)
{
	switch ((int)type) {
	case FACT_REGISTER:
		return SY__V1__PUBLIC_WORD_KIND__WORD_LODGED;
	case FACT_NOTE:
		return own ? SY__V1__PUBLIC_WORD_KIND__WORD_ADDED
			   : SY__V1__PUBLIC_WORD_KIND__WORD_NONE;
	case FACT_ATTACH_FILE:
		return own ? SY__V1__PUBLIC_WORD_KIND__WORD_FILE
			   : SY__V1__PUBLIC_WORD_KIND__WORD_NONE;
	case FACT_ANSWER:
		return SY__V1__PUBLIC_WORD_KIND__WORD_ANSWER;
	case FACT_RESOLVE:
		return SY__V1__PUBLIC_WORD_KIND__WORD_RESOLUTION;
	case FACT_INFORM:
		return SY__V1__PUBLIC_WORD_KIND__WORD_MEASURES;
	case FACT_CLOSE:
		return SY__V1__PUBLIC_WORD_KIND__WORD_CLOSED;
	case FACT_WITHDRAW:
		return SY__V1__PUBLIC_WORD_KIND__WORD_WITHDRAWN;
	case FACT_REOPEN:
		return SY__V1__PUBLIC_WORD_KIND__WORD_REOPENED;
	case FACT_RATE:
		return SY__V1__PUBLIC_WORD_KIND__WORD_RATED;
	default:
		return SY__V1__PUBLIC_WORD_KIND__WORD_NONE;
	}
}

/* --- what may be asked for --- */

static const char *fault(const char *field, const char *text,
			 const char **text_r)
{
	*text_r = text;
	return field;
}

static bool blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

/* "x@y", and nothing that a mail program would stumble over. */
static bool email_like(const char *email)
{
	const char *at = strchr(email, '@');

	return at != NULL && at != email && at[1] != '\0' &&
	       strchr(at + 1, '@') == NULL &&
	       strpbrk(email, " \t\r\n<>,;") == NULL;
}

static bool phone_like(const char *phone)
{
	size_t digits = 0;

	for (const char *p = phone; *p != '\0'; p++) {
		if (*p >= '0' && *p <= '9')
			digits++;
		else if (strchr("+-() .", *p) == NULL)
			return false;
	}
	return digits >= 5 && digits <= 15;
}

const char *public_person_fault(const Sy__V1__PublicPerson *p,
				const char **text_r)
{
	if (p == NULL || blank(p->name))
		return fault("person.name", "is missing", text_r);
	if (strlen(p->name) > PERSON_FIELD_MAX)
		return fault("person.name", "is too long", text_r);
	if (strlen(p->address) > PERSON_FIELD_MAX)
		return fault("person.address", "is too long", text_r);
	if (p->phone[0] == '\0' && p->email[0] == '\0')
		return fault("person.phone", "is missing, and so is the e-mail",
			     text_r);
	if (p->phone[0] != '\0' && !phone_like(p->phone))
		return fault("person.phone", "is not a telephone number",
			     text_r);
	if (p->email[0] != '\0' &&
	    (!email_like(p->email) || strlen(p->email) > PERSON_FIELD_MAX))
		return fault("person.email", "is not an e-mail address",
			     text_r);
	return NULL;
}

/* website: what only a program fills in. */
static const char *consent_fault(bool consent, const char *website,
				 const char **text_r)
{
	if (website[0] != '\0')
		return fault("website", "is left empty by people", text_r);
	if (!consent)
		return fault("consent", "is needed", text_r);
	return NULL;
}

const char *public_lodging_fault(const Sy__V1__LodgeAppealRequest *req,
				 const char **text_r)
{
	const char *field;

	if (req->kind[0] == '\0')
		return fault("kind", "is missing", text_r);
	if (req->unit[0] == '\0')
		return fault("unit", "is missing", text_r);
	if (req->topic[0] == '\0' && strcmp(req->kind, PUBLIC_APPLICATION) == 0)
		return fault("topic", "is missing: what is applied for",
			     text_r);
	if (strlen(req->kind) > CODE_MAX)
		return fault("kind", "is too long", text_r);
	if (strlen(req->unit) > CODE_MAX)
		return fault("unit", "is too long", text_r);
	if (strlen(req->topic) > CODE_MAX)
		return fault("topic", "is too long", text_r);
	if (blank(req->text))
		return fault("text", "is missing", text_r);
	if (strlen(req->text) > TEXT_MAX)
		return fault("text", "is too long", text_r);
	field = public_person_fault(req->person, text_r);
	if (field != NULL)
		return field;
	return consent_fault(req->consent, req->website, text_r);
}

const char *public_booking_fault(const Sy__V1__BookSlotRequest *req,
				 const char **text_r)
{
	const char *field;

	if (req->unit[0] == '\0')
		return fault("unit", "is missing", text_r);
	if (req->service[0] == '\0')
		return fault("service", "is missing", text_r);
	field = public_person_fault(req->person, text_r);
	if (field != NULL)
		return field;
	return consent_fault(req->consent, req->website, text_r);
}

const char *public_act_fault(const Sy__V1__TellAppealRequest *req,
			     const char **text_r)
{
	if (strlen(req->text) > TEXT_MAX)
		return fault("text", "is too long", text_r);
	switch ((int)req->act) {
	case SY__V1__PUBLIC_ACT__ACT_ADD:
	case SY__V1__PUBLIC_ACT__ACT_REOPEN:
		if (blank(req->text))
			return fault("text", "is missing", text_r);
		return NULL;
	case SY__V1__PUBLIC_ACT__ACT_RATE:
		if (req->rating < 1 || req->rating > 5)
			return fault("rating", "is not from 1 to 5", text_r);
		return NULL;
	case SY__V1__PUBLIC_ACT__ACT_WITHDRAW:
	case SY__V1__PUBLIC_ACT__ACT_ATTACH: /* attachment_check */
		return NULL;
	default:
		return fault("act", "is not one of those that there are",
			     text_r);
	}
}

/* --- codes --- */

static const char code_letters[] = "0123456789abcdefghjkmnpqrstvwxyz";

void code_make(const uint8_t bytes[PUBLIC_CODE_BYTES],
	       char code_r[PUBLIC_CODE_MAX])
{
	const size_t bits = PUBLIC_CODE_BYTES * 8;
	char *out = code_r;

	for (size_t at = 0; at < bits; at += 5) {
		unsigned letter = 0;

		for (size_t bit = at; bit < at + 5; bit++) {
			letter <<= 1;
			if (bit < bits)
				letter |= (unsigned)bytes[bit / 8] >>
						  (7 - bit % 8) &
					  1u;
		}
		if (at > 0 && at % 20 == 0)
			*out++ = '-';
		*out++ = code_letters[letter];
	}
	*out = '\0';
}

void code_normalise(const char *code, char code_r[PUBLIC_CODE_MAX])
{
	size_t n = 0;

	for (; *code != '\0' && n < PUBLIC_CODE_MAX - 1; code++) {
		char c = *code;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c == 'o')
			c = '0';
		else if (c == 'i' || c == 'l')
			c = '1';
		if (strchr("- \t", c) == NULL)
			code_r[n++] = c;
	}
	code_r[n] = '\0';
}

/* --- slots --- */

int slots_of_day(const struct day_hours *hours, uint32_t slot_minutes,
		 uint16_t minute_r[SLOTS_DAY_MAX])
{
	int n = 0;

	if (slot_minutes < MINUTES_MIN)
		return 0;
	for (int i = 0; i < hours->n; i++) {
		for (uint32_t m = hours->open[i].from_minute;
		     m + slot_minutes <= hours->open[i].to_minute &&
		     n < SLOTS_DAY_MAX;
		     m += slot_minutes)
			minute_r[n++] = (uint16_t)m;
	}
	return n;
}

/* Is the share that is taken of a smaller than that of b? */
static bool emptier(const struct slot *a, const struct slot *b)
{
	return (uint64_t)a->taken * b->capacity <
	       (uint64_t)b->taken * a->capacity;
}

const struct slot *slots_suggest(const struct slot *slots, size_t n)
{
	const struct slot *best = NULL;
	int32_t day = 0;
	int days = 0;

	for (size_t i = 0; i < n; i++) {
		const struct slot *s = &slots[i];

		if (s->taken >= s->capacity)
			continue;
		if (days == 0 || s->day != day) {
			day = s->day;
			if (++days > SUGGEST_DAYS)
				break;
		}
		if (best == NULL || emptier(s, best))
			best = s;
	}
	return best;
}
