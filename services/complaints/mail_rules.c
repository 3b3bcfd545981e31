/* mail_rules.c -- see mail_rules.h: what goes out. mail_judge.c has what comes
 * in. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "mail_rules.h"

/* --- how customers name a case --- */

/* The digits of an id without hyphens. */
static void id_digits(const uint8_t appeal_id[UUID_BYTES],
		      char digits_r[2 * UUID_BYTES + 1])
{
	sodium_bin2hex(digits_r, 2 * UUID_BYTES + 1, appeal_id, UUID_BYTES);
}

char *case_number(const uint8_t appeal_id[UUID_BYTES],
		  char text[CASE_NUMBER_MAX])
{
	char digits[2 * UUID_BYTES + 1];
	const char *last = digits + 2 * UUID_BYTES - CASE_NUMBER_DIGITS;

	id_digits(appeal_id, digits);
	snprintf(text, CASE_NUMBER_MAX, "SY-%.5s-%.5s-%.5s", last, last + 5,
		 last + 10);
	for (char *p = text; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	return text;
}

/* Behind the "SY-". */
static bool number_read(const char *p, char digits_r[CASE_NUMBER_DIGITS + 1])
{
	int n = 0;

	for (; n < CASE_NUMBER_DIGITS; p++) {
		if (*p == '-' && n > 0 && n % 5 == 0 && p[-1] != '-')
			continue;
		if (!isxdigit((unsigned char)*p))
			return false;
		digits_r[n++] = (char)tolower((unsigned char)*p);
	}
	digits_r[n] = '\0';
	return !isalnum((unsigned char)*p);
}

bool case_number_find(const char *subject,
		      char digits_r[CASE_NUMBER_DIGITS + 1])
{
	for (const char *p = subject; *p != '\0'; p++) {
		if (strncasecmp(p, "SY-", 3) == 0 &&
		    (p == subject || !isalnum((unsigned char)p[-1])) &&
		    number_read(p + 3, digits_r))
			return true;
	}
	return false;
}

/* --- Message-IDs --- */

char *message_id_make(const uint8_t appeal_id[UUID_BYTES], int64_t revision,
		      const char *domain, char text[MESSAGE_ID_MAX])
{
	char id[UUID_TEXT_MAX];

	snprintf(text, MESSAGE_ID_MAX, "%s.%lld@%s", uuid_format(appeal_id, id),
		 (long long)revision, domain);
	return text;
}

bool message_id_read(const char *id, const char *domain,
		     uint8_t appeal_id_r[UUID_BYTES])
{
	const char *at = strrchr(id, '@');
	char uuid[UUID_TEXT_MAX];
	size_t digits;

	if (at == NULL || strcasecmp(at + 1, domain) != 0 ||
	    strlen(id) < UUID_TEXT_MAX || id[UUID_TEXT_MAX - 1] != '.')
		return false;
	digits = strspn(id + UUID_TEXT_MAX, "0123456789");
	if (digits == 0 || id + UUID_TEXT_MAX + digits != at)
		return false;
	memcpy(uuid, id, UUID_TEXT_MAX - 1);
	uuid[UUID_TEXT_MAX - 1] = '\0';
	return uuid_parse(uuid, appeal_id_r) == 0;
}

/* --- sending --- */

const char *const sent_names[SENT_NR] = {
	[SENT_DONE] = "sent",
	[SENT_LATER] = "later",
	[SENT_REFUSED] = "refused",
	[SENT_UNKNOWN] = "unknown",
	[SENT_NO_TEMPLATE] = "no_template",
	[SENT_NO_LANGUAGE] = "no_language",
};

enum sent smtp_sent(const struct attempt *a)
{
	if (a->over)
		return SENT_DONE;
	if (a->status >= 500 && (a->handed || a->envelope))
		return SENT_REFUSED;
	/* an answer to the whole text is 4xx or 5xx; 354 came before it */
	if (a->handed && a->status < 400)
		return SENT_UNKNOWN;
	return SENT_LATER;
}

enum sent http_sent(const struct attempt *a)
{
	if (a->over && a->status >= 200 && a->status < 300)
		return SENT_DONE;
	if (a->status == 400 || a->status == 410 || a->status == 413 ||
	    a->status == 422)
		return SENT_REFUSED;
	if (a->handed && a->status < 200)
		return SENT_UNKNOWN;
	return SENT_LATER;
}

char *webhook_signature(const uint8_t *key, size_t key_len, int64_t at_s,
			const char *body, size_t len, char text[SIGNATURE_MAX])
{
	uint8_t mac[crypto_auth_hmacsha256_BYTES];
	char hex[2 * sizeof(mac) + 1], when[24];
	crypto_auth_hmacsha256_state state;

	snprintf(when, sizeof(when), "%lld", (long long)at_s);
	crypto_auth_hmacsha256_init(&state, key, key_len);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)when,
				      strlen(when));
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)".", 1);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)body, len);
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_bin2hex(hex, sizeof(hex), mac, sizeof(mac));
	snprintf(text, SIGNATURE_MAX, "t=%s,v1=%s", when, hex);
	return text;
}
