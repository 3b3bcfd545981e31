/* keyed.c -- what the deployment's secret makes: ids of mentions, pseudonyms of
 * their authors.
 */
#include <string.h>

#include <sodium.h>

#include "conf.h"
#include "social.h"

int social_keys(struct social *svc, struct error *err)
{
	if (sodium_init() < 0)
		return error_set(err, "libsodium cannot start");
	if (conf_key("SUYUAN_SUBJECT_KEY", svc->conf.subject_key,
		     svc->subject_key, sizeof(svc->subject_key), err) < 0)
		return -1;
	/* a key for one purpose each */
	crypto_kdf_derive_from_key(svc->id_key, sizeof(svc->id_key), 2,
				   "mentions", svc->subject_key);
	return 0;
}

/* Both texts with the NUL that ends the first, so that no two pairs are alike.
 */
static void hash_pair(uint8_t *out, size_t len, const uint8_t *key,
		      const char *a, const char *b)
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, key, SOCIAL_KEY_BYTES, len);
	crypto_generichash_update(&state, (const uint8_t *)a, strlen(a) + 1);
	crypto_generichash_update(&state, (const uint8_t *)b, strlen(b));
	crypto_generichash_final(&state, out, len);
}

void mention_id_make(const struct social *svc, const char *source,
		     const char *external_id, uint8_t id_r[UUID_BYTES])
{
	hash_pair(id_r, UUID_BYTES, svc->id_key, source, external_id);
	/* RFC 9562, version 8: of one's own making */
	id_r[6] = (uint8_t)((id_r[6] & 0x0f) | 0x80);
	id_r[8] = (uint8_t)((id_r[8] & 0x3f) | 0x80);
}

void author_pseudonym(const struct social *svc, const char *source,
		      const char *author, uint8_t out[PSEUDONYM_BYTES])
{
	hash_pair(out, PSEUDONYM_BYTES, svc->subject_key, source, author);
}
