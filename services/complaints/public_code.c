/* public_code.c -- number and code: who has both is the customer.
 *
 * The code is made of the request and its key by the deployment's secret: a
 * request that is repeated because no answer came is answered with the same
 * one, though only a hash of it is kept.
 */
#include <string.h>

#include <sodium.h>

#include "public.h"
#include "timeutil.h"

void public_code_hash(const char *code, uint8_t hash_r[PUBLIC_HASH_BYTES])
{
	char as_made[PUBLIC_CODE_MAX];

	code_normalise(code, as_made);
	crypto_generichash(hash_r, PUBLIC_HASH_BYTES, (const uint8_t *)as_made,
			   strlen(as_made), NULL, 0);
}

/* A keyed hash of what and bytes. */
static void secret_hash(const struct complaints *svc, const char *what,
			const void *bytes, size_t len, uint8_t *out,
			size_t out_len)
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, svc->hash_key, sizeof(svc->hash_key),
				out_len);
	crypto_generichash_update(&state, (const uint8_t *)what,
				  strlen(what) + 1);
	crypto_generichash_update(&state, bytes, len);
	crypto_generichash_final(&state, out, out_len);
}

void public_caller_hash(const struct complaints *svc, const char *caller,
			uint8_t hash_r[PUBLIC_HASH_BYTES])
{
	secret_hash(svc, "caller", caller, strlen(caller), hash_r,
		    PUBLIC_HASH_BYTES);
}

bool public_make(struct bus_request *req, struct public_made *made_r)
{
	const struct complaints *svc = bus_request_svc(req);
	const char *key = bus_request_key(req);
	ProtobufCMessage *copy;
	uint8_t bytes[PUBLIC_CODE_BYTES], *packed;
	size_t key_len = strlen(key) + 1, len;

	if (key[0] == '\0') {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "",
				"an idempotency key is needed");
		return false;
	}
	/* a phone that went on to another network repeats it from there */
	copy = arena_memdup(
		bus_request_arena(req), bus_request_message(req),
		bus_request_message(req)->descriptor->sizeof_message);
	const ProtobufCFieldDescriptor *caller =
		protobuf_c_message_descriptor_get_field_by_name(
			copy->descriptor, "caller");
	*(const char **)(void *)((char *)copy + caller->offset) = "";
	len = protobuf_c_message_get_packed_size(copy);
	packed = arena_alloc(bus_request_arena(req), key_len + len);
	memcpy(packed, key, key_len);
	protobuf_c_message_pack(copy, packed + key_len);
	secret_hash(svc, "attempt", packed, key_len + len, made_r->attempt,
		    sizeof(made_r->attempt));
	secret_hash(svc, "code", packed, key_len + len, bytes, sizeof(bytes));
	code_make(bytes, made_r->code);
	public_code_hash(made_r->code, made_r->code_hash);
	return true;
}

/* --- knowing the customer --- */

struct knowing {
	struct bus_request *req;
	const char *number;
	uint8_t caller[PUBLIC_HASH_BYTES];
	public_known_cb *cb;
	void *arg;
};

static void missed_cb(const struct db_result *res, void *arg)
{
	struct knowing *k = arg;

	if (!bus_reply_db_error(k->req, res))
		bus_reply_error(k->req, SY__V1__ERROR_CODE__NOT_FOUND, "code",
				"number and code do not fit");
}

static void known_cb(const struct db_result *res, void *arg)
{
	struct knowing *k = arg;
	struct db_pipe *pipe;

	if (bus_reply_db_error(k->req, res))
		return;
	if (db_get_i64(res, 0, 0, 0) >= PUBLIC_MISSES_PER_HOUR) {
		bus_reply_error(k->req, SY__V1__ERROR_CODE__FORBIDDEN, "code",
				"too many wrong codes: try again in an hour");
		return;
	}
	if (db_get_bool(res, 0, 0, 1)) {
		k->cb(k->req, k->number, k->arg);
		return;
	}
	pipe = bus_request_pipe(k->req);
	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_MISS);
	db_bytes(pipe, k->caller, sizeof(k->caller));
	db_pipe_run(pipe, missed_cb, k);
}

void public_known(struct bus_request *req, const char *number, const char *code,
		  const char *caller, public_known_cb *cb, void *arg)
{
	struct knowing *k = arena_alloc(bus_request_arena(req), sizeof(*k));
	uint8_t hash[PUBLIC_HASH_BYTES];
	struct db_pipe *pipe;

	*k = (struct knowing){
		.req = req, .number = number, .cb = cb, .arg = arg
	};
	public_caller_hash(bus_request_svc(req), caller, k->caller);
	public_code_hash(code, hash);
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_KNOWN);
	db_text(pipe, number);
	db_bytes(pipe, hash, sizeof(hash));
	db_bytes(pipe, k->caller, sizeof(k->caller));
	db_pipe_run(pipe, known_cb, k);
}

void public_command(struct bus_request *req, const char *name,
		    const ProtobufCMessage *fact,
		    void (*cb)(Sy__V1__ErrorCode code, void *arg), void *arg)
{
	struct complaints *svc = bus_request_svc(req);
	const struct bus_method *method = parts_method(name);

	if (method == NULL)
		cb(SY__V1__ERROR_CODE__UNKNOWN_METHOD, arg);
	else
		bus_server_command_as(svc->bus, PUBLIC_SOURCE, method, fact, cb,
				      arg);
}
