/* mention_get.c -- one mention, by its id or by what its source calls it. */
#include <string.h>

#include "mentions.h"

enum {
	MENTION_ID,
	REVISION,
	EDITED,
	BROUGHT_BY,
	ACCEPTED,
	STORED,
	EXTERNAL_ID,
	URL,
	IN_REPLY_TO,
	AUTHOR,
	TITLE,
	TEXT,
};

static void mention_fill(const Sy__V1__MentionStored *stored,
			 Sy__V1__Mention *m_r)
{
	m_r->facts = stored->facts;
	m_r->class_probability = stored->class_probability;
	m_r->sentiment_probability = stored->sentiment_probability;
	m_r->unsure = stored->unsure;
	m_r->stars = stored->stars;
	m_r->feed = stored->feed;
	m_r->n_tags = stored->n_tags;
	m_r->tags = stored->tags;
}

/* What was asked for; false: answered. */
static bool asked_id(struct bus_request *req, uint8_t id_r[UUID_BYTES])
{
	const Sy__V1__GetMentionRequest *asked =
		(const void *)bus_request_message(req);
	struct mention_fault fault;

	if (asked->mention_id[0] != '\0') {
		if (uuid_parse(asked->mention_id, id_r) == 0)
			return true;
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "mention_id",
				"is not a UUID");
		return false;
	}
	if (!mention_ref_check(asked->source, asked->external_id, &fault)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, fault.field,
				"%s", fault.text);
		return false;
	}
	mention_id_make(bus_request_svc(req), asked->source, asked->external_id,
			id_r);
	return true;
}

static void no_such(struct bus_request *req)
{
	bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "mention_id",
			"no such mention");
}

static void got_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const struct social *svc = bus_request_svc(req);
	struct arena *arena = bus_request_arena(req);
	const struct bus_grant *grant = bus_request_grant(req);
	Sy__V1__Mention m = SY__V1__MENTION__INIT;
	Sy__V1__MentionStored *stored;
	const uint8_t *bytes;
	size_t len;

	if (bus_reply_db_error(req, res))
		return;
	bytes = db_get_bytes(res, 0, 0, STORED, &len);
	stored = bytes != NULL ? sy__v1__mention_stored__unpack(
					 &arena->allocator, len, bytes)
			       : NULL;
	/* the same answer as for none: ids of other units tell nothing */
	if (stored == NULL || !social_sees(svc, grant, stored->facts->unit)) {
		no_such(req);
		return;
	}
	m.mention_id = (char *)db_get_text(res, 0, 0, MENTION_ID);
	m.revision = (uint64_t)db_get_i32(res, 0, 0, REVISION);
	m.edited_at_us = db_get_time(res, 0, 0, EDITED);
	m.brought_by = (char *)db_get_text(res, 0, 0, BROUGHT_BY);
	m.accepted_at_us = db_get_time(res, 0, 0, ACCEPTED);
	mention_fill(stored, &m);
	m.external_id = (char *)db_get_text(res, 0, 0, EXTERNAL_ID);
	m.url = (char *)db_get_text(res, 0, 0, URL);
	m.in_reply_to = (char *)db_get_text(res, 0, 0, IN_REPLY_TO);
	if (grant->roles & ROLE_HANDLER) {
		m.author = (char *)db_get_text(res, 0, 0, AUTHOR);
		m.title = (char *)db_get_text(res, 0, 0, TITLE);
		m.text = (char *)db_get_text(res, 0, 0, TEXT);
	}
	bus_reply(req, &m.base);
}

void handle_get_mention(struct bus_request *req)
{
	uint8_t id[UUID_BYTES];
	struct db_pipe *pipe;

	if (!asked_id(req, id))
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, MENTIONS_SQL_GET);
	db_uuid(pipe, id);
	db_pipe_run(pipe, got_cb, req);
}
