/* keyed.c -- what the deployment's secret makes: pseudonyms of customers, and
 * hashes that tell a repeat from another fact.
 */
#include <string.h>

#include <sodium.h>

#include "complaints.h"
#include "conf.h"

int complaints_keys(struct complaints *svc, struct error *err)
{
	if (sodium_init() < 0)
		return error_set(err, "libsodium cannot start");
	if (conf_key("SUYUAN_SUBJECT_KEY", svc->conf.subject_key,
		     svc->subject_key, sizeof(svc->subject_key), err) < 0)
		return -1;
	/* A body holds personal data: without a key its hash could be guessed
	 * after the body was erased. */
	crypto_kdf_derive_from_key(svc->hash_key, sizeof(svc->hash_key), 1,
				   "bodyhash", svc->subject_key);
	return 0;
}

static void field_clear(ProtobufCMessage *message,
			const ProtobufCFieldDescriptor *field)
{
	memset((char *)message + field->offset, 0,
	       field->type == PROTOBUF_C_TYPE_MESSAGE ? sizeof(void *)
						      : sizeof(int64_t));
}

/* The body without what points at the case and without its time: these are
 * compared by themselves, and the same answer may name its case either way. */
void body_hash(const struct complaints *svc, struct arena *arena,
	       struct asked *a, const ProtobufCMessage *request)
{
	const ProtobufCMessageDescriptor *d = request->descriptor;
	ProtobufCMessage *copy =
		arena_memdup(arena, request, d->sizeof_message);

	field_clear(copy, protobuf_c_message_descriptor_get_field(
				  d, REQUEST_TIME_FIELD));
	if (a->fact.type != FACT_REGISTER)
		field_clear(copy, protobuf_c_message_descriptor_get_field(
					  d, REQUEST_REF_FIELD));
	size_t len = protobuf_c_message_get_packed_size(copy);
	uint8_t *packed = arena_alloc(arena, len + 1);

	protobuf_c_message_pack(copy, packed);
	crypto_generichash(a->fact.body_hash, sizeof(a->fact.body_hash), packed,
			   len, svc->hash_key, sizeof(svc->hash_key));
}

void subject_make(const struct complaints *svc, struct appeal_case *c)
{
	char contact[CONTACT_MAX];
	size_t len = contact_normalise(c->person, contact);

	c->has_subject = len > 0;
	if (c->has_subject)
		crypto_auth_hmacsha256(c->subject,
				       (const unsigned char *)contact, len,
				       svc->subject_key);
	sodium_memzero(contact, sizeof(contact));
}

size_t pseudonyms_make(const struct complaints *svc, const char *phone,
		       const char *email, const char *handle,
		       uint8_t out[CONTACTS_MAX][32])
{
	const char *const said[CONTACTS_MAX] = { phone, email, handle };
	size_t (*const normalise[CONTACTS_MAX])(const char *text,
						char norm[CONTACT_MAX]) = {
		contact_phone, contact_email, contact_handle
	};
	char contact[CONTACT_MAX];
	size_t n = 0;

	for (int i = 0; i < CONTACTS_MAX; i++) {
		size_t len = normalise[i](said[i], contact);

		if (len > 0)
			crypto_auth_hmacsha256(out[n++],
					       (const unsigned char *)contact,
					       len, svc->subject_key);
	}
	sodium_memzero(contact, sizeof(contact));
	return n;
}
