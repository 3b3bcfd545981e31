/* mention_get.c -- one mention, by its id or by what its source calls it; and
 * what a row of it is, for all who answer with mentions.
 */
#include <string.h>

#include "clusters.h"
#include "mention_read.h"
#include "reactions.h"
#include "watches.h"

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

static void fill(Sy__V1__Mention *m, const Sy__V1__MentionStored *stored)
{
	m->facts = stored->facts;
	m->class_probability = stored->class_probability;
	m->sentiment_probability = stored->sentiment_probability;
	m->unsure = stored->unsure;
	m->erased = stored->erased;
	m->stars = stored->stars;
	m->feed = stored->feed;
	m->n_tags = stored->n_tags;
	m->tags = stored->tags;
}

Sy__V1__Mention *mention_of_row(struct arena *arena,
				const struct db_result *res, int statement,
				int row, bool personal)
{
	size_t len;
	const uint8_t *bytes = db_get_bytes(res, statement, row, STORED, &len);
	Sy__V1__MentionStored *stored =
		bytes != NULL ? sy__v1__mention_stored__unpack(
					&arena->allocator, len, bytes)
			      : NULL;
	Sy__V1__Mention *m;

	if (stored == NULL)
		return NULL;
	m = arena_alloc(arena, sizeof(*m));
	sy__v1__mention__init(m);
#define TEXT_OF(col)                                                           \
	arena_strdup(arena, db_get_text(res, statement, row, (col)))
	m->mention_id = TEXT_OF(MENTION_ID);
	m->revision = (uint64_t)db_get_i32(res, statement, row, REVISION);
	m->edited_at_us = db_get_time(res, statement, row, EDITED);
	m->brought_by = TEXT_OF(BROUGHT_BY);
	m->accepted_at_us = db_get_time(res, statement, row, ACCEPTED);
	fill(m, stored);
	m->external_id = TEXT_OF(EXTERNAL_ID);
	m->url = TEXT_OF(URL);
	m->in_reply_to = TEXT_OF(IN_REPLY_TO);
	if (personal) {
		m->author = TEXT_OF(AUTHOR);
		m->title = TEXT_OF(TITLE);
		m->text = TEXT_OF(TEXT);
	}
#undef TEXT_OF
	return m;
}

/* What was asked for; false: answered. */
static bool asked_id(struct bus_request *req, uint8_t id_r[UUID_BYTES])
{
	const Sy__V1__GetMentionRequest *asked =
		(const void *)bus_request_message(req);
	struct mention_fault fault;

	if (asked->mention_id[0] != '\0' &&
	    (asked->source[0] != '\0' || asked->external_id[0] != '\0')) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID,
				asked->source[0] != '\0' ? "source"
							 : "external_id",
				"is not asked together with mention_id");
		return false;
	}
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

static void got_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const struct bus_grant *grant = bus_request_grant(req);
	Sy__V1__Mention *m;

	if (bus_reply_db_error(req, res))
		return;
	m = mention_of_row(bus_request_arena(req), res, 0, 0,
			   grant->roles & ROLE_HANDLER);
	/* the same answer as for none: ids of other units tell nothing */
	if (m == NULL ||
	    !social_sees(bus_request_svc(req), grant, m->facts->unit)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND,
				"mention_id", "no such mention");
		return;
	}
	m->reaction = reaction_of_row(bus_request_arena(req), res, 1, 0);
	m->cluster = cluster_of_row(bus_request_arena(req), res, 2, 0,
				    grant->roles & ROLE_HANDLER);
	if (m->cluster != NULL)
		m->facts->cluster_id = m->cluster->cluster_id;
	watches_show(bus_request_svc(req), bus_request_arena(req), m);
	bus_reply(req, &m->base);
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
	db_exec(pipe, REACTIONS_SQL_GET);
	db_bool(pipe, false); /* what it says stands in the mention */
	db_uuid(pipe, id);
	clusters_put_of(pipe, id);
	db_pipe_run(pipe, got_cb, req);
}
