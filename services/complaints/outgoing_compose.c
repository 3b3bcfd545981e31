/* outgoing_compose.c -- a notice as its reader gets it: the text from its
 * template, the mail around it. MIME and its encodings are GMime's. The same
 * row makes the same mail at each attempt, so that a repeat can be told by its
 * Message-ID.
 */
#include <stdlib.h>
#include <string.h>

#include <gmime/gmime.h>
#include <unicode/udat.h>
#include <unicode/ustring.h>

#include "complaints.h"
#include "timeutil.h"

#define DAY_TEXT_MAX 64

/* "22 November 2026", as it is written in the language; "" for day 0. */
static const char *day_text(struct arena *arena, const char *lang, int32_t day)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar wide[DAY_TEXT_MAX];
	char *text = arena_alloc(arena, 4 * DAY_TEXT_MAX);
	UDateFormat *format;
	int32_t len;

	if (day == 0)
		return "";
	format = udat_open(UDAT_NONE, UDAT_LONG,
			   strcmp(lang, "en") == 0 ? "en_GB" : lang, u"UTC", -1,
			   NULL, 0, &status);
	len = udat_format(format, (double)day * 86400000.0, wide, DAY_TEXT_MAX,
			  NULL, &status);
	u_strToUTF8(text, 4 * DAY_TEXT_MAX, NULL, wide, len, &status);
	udat_close(format);
	return U_SUCCESS(status) ? text : day_format(day, text);
}

void notice_render(struct notice *n, const char *public_url,
		   struct arena *arena)
{
	char number[CASE_NUMBER_MAX];
	const char *link = "";
	struct text_field fields[] = {
		{ "number", case_number(n->appeal_id, number) },
		{ "name", n->name },
		{ "text", n->text },
		{ "registered", day_text(arena, n->lang, n->registered_day) },
		{ "due", day_text(arena, n->lang, n->due_day) },
		{ "link", "" },
	};
	const size_t fields_nr = sizeof(fields) / sizeof(fields[0]);

	if (public_url[0] != '\0')
		link = arena_printf(arena, "%s/rate/%s", public_url, number);
	fields[fields_nr - 1].value = link;
	n->subject = arena_printf(
		arena, "%s [%s]",
		text_render(arena, n->subject, fields, fields_nr), number);
	n->body = text_render(arena, n->body, fields, fields_nr);
}

static void add_header(GMimeMessage *message, const char *name,
		       const char *value)
{
	g_mime_object_set_header(GMIME_OBJECT(message), name, value, "utf-8");
}

/* Answering machines must not answer (RFC 3834), lists are left alone. */
static void add_headers(GMimeMessage *message, const struct notice *n,
			const struct mail_from *from)
{
	char id[MESSAGE_ID_MAX], first[MESSAGE_ID_MAX], refers[1024] = "";
	char list[MESSAGE_ID_MAX];

	message_id_make(n->appeal_id, n->revision, from->domain, id);
	g_mime_message_set_message_id(message, id);
	if (n->first_revision != 0)
		snprintf(refers, sizeof(refers), "<%s>",
			 message_id_make(n->appeal_id, n->first_revision,
					 from->domain, first));
	/* last, because it is the one that is answered */
	if (n->customer_id[0] != '\0') {
		size_t len = strlen(refers);

		snprintf(refers + len, sizeof(refers) - len, "%s<%s>",
			 len > 0 ? " " : "", n->customer_id);
	}
	if (refers[0] != '\0') {
		const char *last = strrchr(refers, '<');

		add_header(message, "In-Reply-To", last);
		add_header(message, "References", refers);
	}
	add_header(message, "Auto-Submitted",
		   n->customer_id[0] != '\0' ? "auto-replied"
					     : "auto-generated");
	add_header(message, "X-Auto-Response-Suppress", "All");
	add_header(message, "Precedence", "bulk");
	snprintf(list, sizeof(list), "<appeals.%.150s>", from->domain);
	add_header(message, "List-Id", list);
}

char *notice_compose(const struct notice *n, const struct mail_from *from,
		     size_t *len_r)
{
	GMimeMessage *message;
	GMimeTextPart *part;
	GMimeFormatOptions *format;
	GDateTime *date;
	GMimeStream *stream;
	GByteArray *bytes;
	char *out;

	if (!address_acceptable(n->address))
		return NULL;
	message = g_mime_message_new(TRUE);
	g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, from->name,
				   from->address);
	g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, n->name,
				   n->address);
	g_mime_message_set_subject(message, n->subject, "utf-8");
	date = g_date_time_new_from_unix_utc(n->created_at_us / US_PER_S);
	g_mime_message_set_date(message, date);
	g_date_time_unref(date);
	add_headers(message, n, from);
	part = g_mime_text_part_new();
	g_mime_text_part_set_charset(part, "utf-8");
	g_mime_text_part_set_text(part, n->body);
	g_mime_part_set_content_encoding(GMIME_PART(part),
					 GMIME_CONTENT_ENCODING_BASE64);
	g_mime_message_set_mime_part(message, GMIME_OBJECT(part));
	g_object_unref(part);

	format = g_mime_format_options_new();
	g_mime_format_options_set_newline_format(format,
						 GMIME_NEWLINE_FORMAT_DOS);
	stream = g_mime_stream_mem_new();
	g_mime_object_write_to_stream(GMIME_OBJECT(message), format, stream);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	out = malloc(bytes->len + 1);
	if (out != NULL) {
		memcpy(out, bytes->data, bytes->len);
		out[bytes->len] = '\0';
		*len_r = bytes->len;
	}
	g_object_unref(stream);
	g_mime_format_options_free(format);
	g_object_unref(message);
	return out;
}
