/* api_tokens.c -- how a machine without a key of the bus comes in: a token that
 * is shown once, kept as a hash, and exchanged by the gateway for an actor
 * token. */
#include <sodium.h>

#include "lists.h"
#include "people.h"
#include "store.h"
#include "timeutil.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 500

/* --- MakeApiToken ----------------------------------------------------------
 */

struct made {
	struct bus_request *req;
	char token[SECRET_TEXT_MAX], token_id[TOKEN_ID_MAX];
	int64_t expires_at_us;
};

static void made_cb(const struct db_result *res, void *arg)
{
	struct made *made = arg;
	Sy__V1__MakeApiTokenReply reply = SY__V1__MAKE_API_TOKEN_REPLY__INIT;

	if (bus_reply_db_error(made->req, res) ||
	    reply_outcome(made->req, db_get_text(res, 0, 0, 0), "name",
			  "is a person or a gateway, or was revoked"))
		return;
	reply.token = made->token;
	reply.token_id = made->token_id;
	reply.expires_at_us = made->expires_at_us;
	bus_reply(made->req, &reply.base);
}

void handle_make_api_token(struct bus_request *req)
{
	const Sy__V1__MakeApiTokenRequest *ask =
		(const void *)bus_request_message(req);
	int32_t days = ask->valid_days ? ask->valid_days : TOKEN_DAYS_DEFAULT;
	uint8_t hash[SECRET_HASH_BYTES];
	struct made *made;
	struct db_pipe *pipe;

	if (days < 1 || days > TOKEN_DAYS_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "valid_days",
				"must be from 1 to 3650");
		return;
	}
	if (!note_acceptable(ask->note)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "note",
				"has at most 200 characters, none of control");
		return;
	}
	made = arena_alloc(bus_request_arena(req), sizeof(*made));
	made->req = req;
	made->expires_at_us = time_now_us() + days * US_PER_DAY;
	secret_make_token(made->token, made->token_id);
	secret_hash(made->token, hash);
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_API_TOKEN_MAKE);
	db_text(pipe, ask->name);
	db_text(pipe, made->token_id);
	db_bytes(pipe, hash, sizeof(hash));
	db_text(pipe, ask->note);
	db_time(pipe, made->expires_at_us);
	db_text(pipe, bus_request_principal(req));
	db_text(pipe, bus_request_grant(req)->unit);
	db_pipe_run(pipe, made_cb, made);
}

/* --- RevokeApiToken --------------------------------------------------------
 */

static void revoked_cb(const struct db_result *res, void *arg)
{
	Sy__V1__RevokeApiTokenReply reply =
		SY__V1__REVOKE_API_TOKEN_REPLY__INIT;
	struct bus_request *req = arg;

	if (!bus_reply_db_error(req, res) &&
	    !reply_outcome(req, db_get_text(res, 0, 0, 0), "token_id", ""))
		bus_reply(req, &reply.base);
}

void handle_revoke_api_token(struct bus_request *req)
{
	const Sy__V1__RevokeApiTokenRequest *ask =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, SQL_API_TOKEN_REVOKE);
	db_text(pipe, ask->token_id);
	db_text(pipe, bus_request_principal(req));
	db_text(pipe, bus_request_grant(req)->unit);
	db_pipe_run(pipe, revoked_cb, req);
}

/* --- ListApiTokens ---------------------------------------------------------
 */

struct list_ask {
	struct bus_request *req;
	uint32_t limit;
};

static Sy__V1__ApiToken *token_of(struct arena *arena,
				  const struct db_result *res, int row)
{
	Sy__V1__ApiToken *t = arena_alloc(arena, sizeof(*t));

	sy__v1__api_token__init(t);
	t->token_id = arena_strdup(arena, db_get_text(res, 0, row, 0));
	t->name = arena_strdup(arena, db_get_text(res, 0, row, 1));
	t->note = arena_strdup(arena, db_get_text(res, 0, row, 2));
	t->made_by = arena_strdup(arena, db_get_text(res, 0, row, 3));
	t->made_at_us = db_get_time(res, 0, row, 4);
	t->expires_at_us = db_get_time(res, 0, row, 5);
	t->revoked_at_us = db_get_time(res, 0, row, 6);
	t->signed_in_at_us = db_get_time(res, 0, row, 7);
	return t;
}

static void list_cb(const struct db_result *res, void *arg)
{
	const struct list_ask *ask = arg;
	struct arena *arena = bus_request_arena(ask->req);
	Sy__V1__ListApiTokensReply reply = SY__V1__LIST_API_TOKENS_REPLY__INIT;
	size_t rows;

	if (bus_reply_db_error(ask->req, res))
		return;
	rows = (size_t)db_rows(res, 0);
	reply.tokens = arena_alloc(arena, (rows + 1) * sizeof(*reply.tokens));
	while (reply.n_tokens < rows && reply.n_tokens < ask->limit) {
		reply.tokens[reply.n_tokens] =
			token_of(arena, res, (int)reply.n_tokens);
		reply.n_tokens++;
	}
	if (reply.n_tokens < rows)
		reply.next_token_id =
			reply.tokens[reply.n_tokens - 1]->token_id;
	bus_reply(ask->req, &reply.base);
}

void handle_list_api_tokens(struct bus_request *req)
{
	const Sy__V1__ListApiTokensRequest *in =
		(const void *)bus_request_message(req);
	struct list_ask *ask =
		arena_alloc(bus_request_arena(req), sizeof(*ask));
	struct db_pipe *pipe;

	ask->req = req;
	if (!list_limit(req, in->limit, LIMIT_DEFAULT, LIMIT_MAX, &ask->limit))
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_LIST_API_TOKENS);
	db_text(pipe, in->name);
	db_text(pipe, in->after_token_id);
	db_i32(pipe, (int32_t)ask->limit + 1);
	db_text(pipe, bus_request_grant(req)->unit);
	db_pipe_run(pipe, list_cb, ask);
}

/* --- ExchangeApiToken ------------------------------------------------------
 */

void handle_exchange_api_token(struct bus_request *req)
{
	const Sy__V1__ExchangeApiTokenRequest *ask =
		(const void *)bus_request_message(req);
	struct session_ask *s = arena_alloc(bus_request_arena(req), sizeof(*s));
	struct db_pipe *pipe = bus_request_pipe(req);
	uint8_t hash[SECRET_HASH_BYTES];

	*s = (struct session_ask){ .req = req,
				   .field = "token",
				   .refusal = "is not, or not any more, "
					      "valid" };
	randombytes_buf(s->session_id, sizeof(s->session_id));
	secret_hash(ask->token, hash);
	db_exec(pipe, SQL_API_TOKEN_EXCHANGE);
	db_bytes(pipe, hash, sizeof(hash));
	db_uuid(pipe, s->session_id);
	db_pipe_run(pipe, session_ask_cb, s);
}
