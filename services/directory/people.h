/* people.h -- between the files about people:
 *
 *	sign_in.c    SignIn, RenewSession, SignOut, ChangePassword
 *	invites.c    MakeInvite, AcceptInvite
 *	api_tokens.c Make, Revoke, List and ExchangeApiToken
 *	notes.c      what of it becomes an event of the log; the signing key
 *	passwords.c  Argon2id;  secrets.c  codes, tokens, what is acceptable
 *
 * Nothing here is a writing method of the bus: the reply of such a one is kept
 * for who asks again, and these hold secrets. */
#ifndef SUYUAN_DIRECTORY_PEOPLE_H
#define SUYUAN_DIRECTORY_PEOPLE_H

#include "directory.h"
#include "passwords.h"
#include "secrets.h"

/* One request about a password, between database and thread. In the arena of
 * the request. */
struct attempt {
	struct directory *dir;
	struct bus_request *req;
	struct password_job *job;
	uint8_t session_id[16];
	bool locked;
};

/* NULL: too many at once, answered BUSY. */
struct attempt *attempt_new(struct bus_request *req);
/* Frees the job; the request is still to be answered. */
struct bus_request *attempt_end(struct attempt *a);

/* SignInReply for the principal in the first row of the statement, or, without
 * a row, the refusal. */
void reply_session(struct bus_request *req, const struct db_result *res,
		   int statement, const uint8_t session_id[16],
		   const char *field, const char *refusal);
/* The same as the callback of a pipe with that one statement. field and refusal
 * are static. */
struct session_ask {
	struct bus_request *req;
	uint8_t session_id[16];
	const char *field, *refusal;
};
void session_ask_cb(const struct db_result *res, void *arg);
/* Answers for 'unknown', 'scope' and 'state' of the schema's functions; false:
 * it was 'ok'. */
bool reply_outcome(struct bus_request *req, const char *outcome,
		   const char *field, const char *state_text);

/* Shows its metrics, at 0. */
void sign_in_open(void);
void handle_sign_in(struct bus_request *req);
void handle_renew_session(struct bus_request *req);
void handle_sign_out(struct bus_request *req);
void handle_change_password(struct bus_request *req);
void handle_make_invite(struct bus_request *req);
void handle_accept_invite(struct bus_request *req);
void handle_make_api_token(struct bus_request *req);
void handle_revoke_api_token(struct bus_request *req);
void handle_list_api_tokens(struct bus_request *req);
void handle_exchange_api_token(struct bus_request *req);

#endif
