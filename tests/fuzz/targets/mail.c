/* mail.c -- a mail that came in: whatever it is, what an appeal takes of it is
 * text that the rest of the system can hold. */
#include <string.h>

#include <glib.h>

#include "../lib/fuzz.h"
#include "complaints/complaints.h"

static void require_text(const char *text)
{
	REQUIRE(text != NULL && g_utf8_validate(text, -1, NULL));
}

static void require_line(const char *text)
{
	require_text(text);
	for (; *text != '\0'; text++)
		REQUIRE((unsigned char)*text >= ' ' && *text != 0x7f);
}

static void look(struct arena *arena, const struct mail *m, const uint8_t *data,
		 size_t size)
{
	char id[EXTERNAL_ID_MAX + 1], digits[CASE_NUMBER_DIGITS + 1];
	uint8_t appeal_id[UUID_BYTES];
	const char *text = mail_appeal_text(arena, m);

	require_line(m->message_id);
	require_line(m->sender);
	require_line(m->sender_name);
	require_line(m->subject);
	require_text(m->text);
	require_text(text);
	REQUIRE(strlen(text) <= TEXT_MAX);
	mail_external_id(m, data, size, id);
	require_line(id);
	REQUIRE(strlen(id) <= EXTERNAL_ID_MAX && strlen(id) > 5);
	if (mail_judge(m, "care@o.test", "o.test") ==
	    SY__V1__MAIL_ASIDE_REASON__MAIL_ASIDE_NONE)
		REQUIRE(address_acceptable(m->sender));
	if (case_number_find(m->subject, digits))
		REQUIRE(strlen(digits) == CASE_NUMBER_DIGITS);
	for (size_t i = 0; i < m->refers_nr; i++)
		message_id_read(m->refers[i], "o.test", appeal_id);
	REQUIRE(m->files_nr <= MAIL_FILES_MAX);
	for (size_t i = 0; i < m->files_nr; i++) {
		require_line(m->files[i].name);
		require_line(m->files[i].media_type);
		REQUIRE(m->files[i].too_large ||
			m->files[i].len <= MAIL_FILE_MAX);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct mail m;

	arena_init(&arena);
	if (mail_parse(&arena, data, size, &m) == 0)
		look(&arena, &m, data, size);
	arena_reset(&arena);
	return 0;
}
