/* desk_rating.c -- the link by which a customer rates a closed case (C13).
 * Whoever has the code may rate, once; it is kept as a hash, so that nobody who
 * sees the tables can.
 */
#include <string.h>

#include <sodium.h>

#include "desk.h"

#define CODE_BYTES 16
#define CODE_TEXT_MAX 32
#define HASH_BYTES 32
#define RATING_MAX 5

static void hash_of(const char *code, uint8_t hash_r[HASH_BYTES])
{
	crypto_generichash(hash_r, HASH_BYTES, (const uint8_t *)code,
			   strlen(code), NULL, 0);
}

/* --- MakeRatingLink --- */

struct making {
	struct bus_request *req;
	char code[CODE_TEXT_MAX];
};

static void made_cb(const struct db_result *res, void *arg)
{
	struct making *m = arg;
	Sy__V1__MakeRatingLinkReply reply =
		SY__V1__MAKE_RATING_LINK_REPLY__INIT;

	if (bus_reply_db_error(m->req, res))
		return;
	reply.code = m->code;
	reply.expires_at_us = db_get_time(res, 0, 0, 0);
	bus_reply(m->req, &reply.base);
}

static void make_case_cb(struct bus_request *req, const struct desk_case *c)
{
	struct making *m = arena_alloc(bus_request_arena(req), sizeof(*m));
	uint8_t bytes[CODE_BYTES], hash[HASH_BYTES];
	struct db_pipe *pipe;

	if (c->state != SY__V1__APPEAL_STATE__APPEAL_CLOSED) {
		bus_reply_error(req, SY__V1__ERROR_CODE__STATE, "appeal_id",
				"is rated after its closing");
		return;
	}
	m->req = req;
	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2base64(m->code, sizeof(m->code), bytes, sizeof(bytes),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	hash_of(m->code, hash);
	pipe = bus_request_pipe(req);
	db_exec(pipe, DESK_SQL_LINK_PUT);
	db_bytes(pipe, hash, sizeof(hash));
	db_uuid(pipe, c->id);
	db_text(pipe, bus_request_principal(req));
	db_pipe_run(pipe, made_cb, m);
}

void handle_make_rating_link(struct bus_request *req)
{
	const Sy__V1__MakeRatingLinkRequest *msg =
		(const void *)bus_request_message(req);

	desk_case_read(req, msg->appeal_id, make_case_cb);
}

/* --- RateByCode --- */

struct rating {
	struct bus_request *req;
	uint8_t hash[HASH_BYTES];
	Sy__V1__ErrorCode outcome;
};

static void settled_cb(const struct db_result *res, void *arg)
{
	struct rating *r = arg;
	Sy__V1__RateByCodeReply reply = SY__V1__RATE_BY_CODE_REPLY__INIT;

	/* the rating itself is in or is not, whatever became of the link */
	if (r->outcome == SY__V1__ERROR_CODE__OK)
		bus_reply(r->req, &reply.base);
	else if (!bus_reply_db_error(r->req, res))
		bus_reply_error(r->req, r->outcome, "code",
				"the case takes no rating");
}

static void rated_cb(Sy__V1__ErrorCode code, void *arg)
{
	struct rating *r = arg;
	struct db_pipe *pipe = bus_request_pipe(r->req);

	r->outcome = code;
	db_exec(pipe, DESK_SQL_LINK_SETTLE);
	db_bytes(pipe, r->hash, sizeof(r->hash));
	db_bool(pipe, code == SY__V1__ERROR_CODE__OK);
	db_pipe_run(pipe, settled_cb, r);
}

static void claimed_cb(const struct db_result *res, void *arg)
{
	struct rating *r = arg;
	struct complaints *svc = bus_request_svc(r->req);
	const Sy__V1__RateByCodeRequest *msg =
		(const void *)bus_request_message(r->req);
	const struct bus_method *method = parts_method("RateAppeal");
	Sy__V1__RateAppealRequest rate = SY__V1__RATE_APPEAL_REQUEST__INIT;
	Sy__V1__AppealRef ref = SY__V1__APPEAL_REF__INIT;
	char id[UUID_TEXT_MAX];
	const uint8_t *bytes;
	size_t len;

	if (bus_reply_db_error(r->req, res))
		return;
	bytes = db_get_bytes(res, 0, 0, 0, &len);
	/* unknown, past its time and used are told apart to nobody */
	if (db_rows(res, 0) != 1 || len != UUID_BYTES) {
		bus_reply_error(r->req, SY__V1__ERROR_CODE__NOT_FOUND, "code",
				"is none that can be used");
		return;
	}
	ref.appeal_id = uuid_format(bytes, id);
	rate.appeal = &ref;
	rate.rating = msg->rating;
	rate.text = msg->text;
	if (method == NULL)
		rated_cb(SY__V1__ERROR_CODE__UNKNOWN_METHOD, r);
	else
		bus_server_command(svc->bus, method, &rate.base, rated_cb, r);
}

void handle_rate_by_code(struct bus_request *req)
{
	const Sy__V1__RateByCodeRequest *msg =
		(const void *)bus_request_message(req);
	struct rating *r;
	struct db_pipe *pipe;

	if (msg->rating < 1 || msg->rating > RATING_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "rating",
				"is not from 1 to %d", RATING_MAX);
		return;
	}
	if (strlen(msg->text) > TEXT_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "text",
				"is longer than %d bytes", TEXT_MAX);
		return;
	}
	r = arena_alloc(bus_request_arena(req), sizeof(*r));
	r->req = req;
	hash_of(msg->code, r->hash);
	pipe = bus_request_pipe(req);
	db_exec(pipe, DESK_SQL_LINK_CLAIM);
	db_bytes(pipe, r->hash, sizeof(r->hash));
	db_pipe_run(pipe, claimed_cb, r);
}
