/* callcentre.c -- an adapter between a telephone exchange and Suyuan, whole: it
 * reads what the exchange says about the legs of calls, joins the legs of a
 * call by their linked id, and publishes the appeal that an agent has written
 * down in the wrap-up. A call that was transferred is one case; one that was
 * abandoned is none.
 *
 *	callcentre ENDPOINT KEY REGISTRY SPOOL LEGS.CSV
 *
 * LEGS.CSV: a line an event of a leg, in the order of time, no quotes:
 *	linked_id,leg,event,at,call_at,caller,agent,kind,topic,unit,answer,text
 * event is START, CONNECT, HOLD, UNHOLD, TRANSFER, HANGUP or WRAPUP. The same
 * file through `suyuan publish appeals --map deploy/maps/call_legs.json`, and
 * callcentre.py, make the same appeals.
 *
 * To run it again is harmless: the service knows an appeal by its external id.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "suyuan.h"

#define CALLS_MAX 10000 /* of one file */
#define FLUSH_MS 60000

enum column {
	LINKED_ID,
	LEG,
	EVENT,
	AT,
	CALL_AT,
	CALLER,
	AGENT,
	KIND,
	TOPIC,
	UNIT,
	ANSWER,
	TEXT,
	COLUMNS
};

/* What the legs of a call come to; times in seconds since 1970. */
struct call {
	char linked_id[64];
	time_t started, connected, hung_up, hold_began, left;
	long waited_s, held_s, wrap_up_s;
	int legs;
	int appeal;
};

static struct call calls[CALLS_MAX];
static int calls_nr;

static struct call *call_of(const char *linked_id)
{
	for (int i = calls_nr - 1; i >= 0; i--)
		if (strcmp(calls[i].linked_id, linked_id) == 0)
			return &calls[i];
	if (calls_nr == CALLS_MAX)
		return NULL;
	snprintf(calls[calls_nr].linked_id, sizeof(calls[0].linked_id), "%s",
		 linked_id);
	return &calls[calls_nr++];
}

static time_t time_of(const char *text)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

	return rest && !*rest ? timegm(&tm) : -1;
}

/* How long the caller waited for an agent, was on hold, and the agent wrote. */
static void leg_event(struct call *call, const char *event, int leg, time_t at)
{
	if (leg > call->legs)
		call->legs = leg;
	if (strcmp(event, "START") == 0) {
		call->started = call->left = at;
	} else if (strcmp(event, "CONNECT") == 0) {
		call->waited_s += at - call->left;
		call->connected = at;
	} else if (strcmp(event, "HOLD") == 0) {
		call->hold_began = at;
	} else if (strcmp(event, "UNHOLD") == 0) {
		call->held_s += at - call->hold_began;
	} else if (strcmp(event, "TRANSFER") == 0) {
		call->left = at;
	} else if (strcmp(event, "HANGUP") == 0) {
		call->hung_up = at;
	} else if (strcmp(event, "WRAPUP") == 0) {
		call->wrap_up_s = at - call->hung_up;
	}
}

static int publish(struct suyuan *s, const char *type, const char *linked_id,
		   time_t at, const struct suyuan_field *fields)
{
	const struct suyuan_event event = {
		.type = type,
		.key = linked_id,
		.occurred_at_us = (int64_t)at * 1000000,
		.fields = fields,
	};
	int status = suyuan_publish(s, &event, SUYUAN_FOREVER, NULL);

	if (status != SUYUAN_OK)
		fprintf(stderr, "%s: %s %s\n", linked_id,
			suyuan_status_text(status), suyuan_publish_why());
	return status;
}

/* The appeal, and the answer if the agent has given it in the call. */
static int wrap_up(struct suyuan *s, struct call *call, char **v)
{
	const struct suyuan_field appeal[] = {
		{ "external_id", v[LINKED_ID] },
		{ "kind", v[KIND] },
		{ "channel", "call_centre" },
		{ "topic", v[TOPIC] },
		{ "unit", v[UNIT] },
		{ "person.phone", v[CALLER] },
		{ "text", v[TEXT] },
		{ NULL, NULL },
	};
	const struct suyuan_field answer[] = {
		{ "appeal.external_id", v[LINKED_ID] },
		{ "text", v[ANSWER] },
		{ NULL, NULL },
	};
	int status;

	call->appeal = 1;
	status = publish(s, "RegisterAppeal", v[LINKED_ID], time_of(v[CALL_AT]),
			 appeal);
	if (status == SUYUAN_OK && *v[ANSWER])
		status = publish(s, "AnswerAppeal", v[LINKED_ID],
				 time_of(v[AT]), answer);
	return status;
}

static int take_line(struct suyuan *s, char *line)
{
	char *v[COLUMNS];
	struct call *call;
	time_t at;
	int n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	while (n < COLUMNS && (v[n] = strsep(&line, ",")))
		n++;
	if (n < COLUMNS || line || (at = time_of(v[AT])) < 0 ||
	    time_of(v[CALL_AT]) < 0 || !(call = call_of(v[LINKED_ID]))) {
		fprintf(stderr, "a line is not understood and left out\n");
		return SUYUAN_OK;
	}
	leg_event(call, v[EVENT], atoi(v[LEG]), at);
	if (strcmp(v[EVENT], "WRAPUP") == 0 && *v[KIND])
		return wrap_up(s, call, v);
	return SUYUAN_OK;
}

/* From the library's thread. What was refused needs a person: the code and the
 * field say what of it. */
static void told(const struct suyuan_outcome *outcome, void *arg)
{
	(void)arg;
	if (outcome->result != SUYUAN_ACCEPTED)
		fprintf(stderr, "%s: %s %s %s\n", outcome->key, outcome->code,
			outcome->field, outcome->text);
}

static int read_legs(struct suyuan *s, const char *path)
{
	FILE *file = fopen(path, "r");
	char line[4096];
	int status = SUYUAN_OK;

	if (!file) {
		perror(path);
		return SUYUAN_E_SYSTEM;
	}
	if (fgets(line, sizeof(line), file)) /* the header */
		while (status == SUYUAN_OK && fgets(line, sizeof(line), file))
			status = take_line(s, line);
	fclose(file);
	return status;
}

int main(int argc, char **argv)
{
	struct suyuan_options o = SUYUAN_OPTIONS;
	struct suyuan_stats st;
	struct suyuan *s;
	char why[256], trouble[256];
	int status;

	if (argc != 6) {
		fprintf(stderr, "usage: callcentre ENDPOINT KEY REGISTRY SPOOL "
				"LEGS.CSV\n");
		return 2;
	}
	o.endpoint = argv[1];
	o.key_file = argv[2];
	o.registry_file = argv[3];
	o.publisher = "callcentre";
	o.spool_file = argv[4];
	o.outcome_cb = told;
	if (suyuan_open(&s, &o, why, sizeof(why)) != SUYUAN_OK) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	status = read_legs(s, argv[5]);
	/* Without an answer in time the spool keeps it for the next run. */
	if (status == SUYUAN_OK)
		status = suyuan_flush(s, FLUSH_MS);
	suyuan_trouble(s, trouble, sizeof(trouble));
	if (status != SUYUAN_OK)
		fprintf(stderr, "%s %s%s\n", suyuan_status_text(status),
			suyuan_why(s), trouble);
	suyuan_stats(s, &st, sizeof(st));
	suyuan_close(&s);
	for (int i = 0; i < calls_nr; i++)
		printf("%s legs %d, waited %ld s, on hold %ld s, wrap-up "
		       "%ld s: %s\n",
		       calls[i].linked_id, calls[i].legs, calls[i].waited_s,
		       calls[i].held_s, calls[i].wrap_up_s,
		       calls[i].appeal      ? "appeal"
		       : calls[i].connected ? "no appeal"
					    : "abandoned");
	printf("accepted %llu, rejected %llu, waiting %llu\n",
	       (unsigned long long)st.accepted, (unsigned long long)st.rejected,
	       (unsigned long long)st.waiting);
	return status == SUYUAN_OK && st.rejected == 0 ? 0 : 1;
}
