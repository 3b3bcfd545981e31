/* read.c -- see read.h. MIME is read by GMime. */
#include <string.h>

#include <gmime/gmime.h>

#include "mail/read.h"
#include "text/charset.h"
#include "text/html.h"
#include "utf8.h"

#define HEADER_MAX 1000 /* bytes of a subject, a name, an id */
#define REFERS_MAX 50
/* Text that is looked at: what is shown of it is less. */
#define BODY_MAX ((size_t)1 << 20)

struct parsing {
	struct arena *arena;
	struct mail *mail;
	char *plain;      /* all of it so far */
	const char *html; /* the first one */
};

/* --- texts --- */

/* One line, cut to what a header may be. */
static const char *line(struct arena *arena, const char *text)
{
	char *out;

	if (text == NULL)
		return "";
	out = charset_clean(arena, text, strlen(text));
	out[utf8_fit(out, HEADER_MAX)] = '\0';
	for (char *p = out; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	g_strstrip(out);
	return out;
}

/* --- headers --- */

static const char *header(struct parsing *p, GMimeMessage *message,
			  const char *name)
{
	return line(p->arena,
		    g_mime_object_get_header(GMIME_OBJECT(message), name));
}

static void read_sender(struct parsing *p, GMimeMessage *message)
{
	InternetAddressList *from = g_mime_message_get_from(message);
	InternetAddress *one = NULL;

	p->mail->sender = p->mail->sender_name = "";
	if (from != NULL && internet_address_list_length(from) > 0)
		one = internet_address_list_get_address(from, 0);
	if (one == NULL || !INTERNET_ADDRESS_IS_MAILBOX(one))
		return;
	p->mail->sender =
		line(p->arena, internet_address_mailbox_get_addr(
				       INTERNET_ADDRESS_MAILBOX(one)));
	p->mail->sender_name = line(p->arena, internet_address_get_name(one));
}

static void read_refers(struct parsing *p, GMimeMessage *message)
{
	static const char *const names[] = { "In-Reply-To", "References" };
	struct mail *m = p->mail;

	m->refers = arena_alloc(p->arena, REFERS_MAX * sizeof(m->refers[0]));
	for (int i = 0; i < 2; i++) {
		const char *text = header(p, message, names[i]);
		GMimeReferences *ids = g_mime_references_parse(NULL, text);
		int n = g_mime_references_length(ids);

		for (int k = 0; k < n && m->refers_nr < REFERS_MAX; k++)
			m->refers[m->refers_nr++] =
				line(p->arena,
				     g_mime_references_get_message_id(ids, k));
		g_mime_references_free(ids);
	}
}

static void read_headers(struct parsing *p, GMimeMessage *message)
{
	struct mail *m = p->mail;

	m->message_id = line(p->arena, g_mime_message_get_message_id(message));
	m->subject = line(p->arena, g_mime_message_get_subject(message));
	m->auto_submitted = header(p, message, "Auto-Submitted");
	m->precedence = header(p, message, "Precedence");
	m->list = header(p, message, "List-Id")[0] != '\0' ||
		  header(p, message, "List-Unsubscribe")[0] != '\0';
	m->null_return = strcmp(header(p, message, "Return-Path"), "<>") == 0;
	read_sender(p, message);
	read_refers(p, message);
}

/* --- parts --- */

static GByteArray *content_of(GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GByteArray *bytes = g_byte_array_new();
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	if (content != NULL)
		g_mime_data_wrapper_write_to_stream(content, stream);
	g_object_unref(stream);
	return bytes;
}

static void add_text(struct parsing *p, GMimePart *part, bool html)
{
	const char *charset = g_mime_object_get_content_type_parameter(
		GMIME_OBJECT(part), "charset");
	GByteArray *bytes = content_of(part);
	char *text = charset_to_utf8(
		p->arena, bytes->data,
		bytes->len < BODY_MAX ? bytes->len : BODY_MAX, charset);

	g_byte_array_free(bytes, TRUE);
	g_strchomp(text);
	if (html && p->html == NULL)
		p->html = html_text(p->arena, text, strlen(text));
	else if (!html && strlen(p->plain) < BODY_MAX)
		p->plain =
			arena_printf(p->arena, "%s%s%s", p->plain,
				     p->plain[0] != '\0' ? "\n\n" : "", text);
}

static void add_file(struct parsing *p, const char *name, GMimeObject *part,
		     const uint8_t *data, size_t len)
{
	GMimeContentType *type = g_mime_object_get_content_type(part);
	struct mail *m = p->mail;
	struct mail_file *f;
	gchar *media;

	if (m->files_nr == MAIL_FILES_MAX) {
		m->files_left_out++;
		return;
	}
	media = g_mime_content_type_get_mime_type(type);
	f = &m->files[m->files_nr++];
	f->name = line(p->arena, name);
	if (f->name[0] == '\0')
		f->name = arena_printf(p->arena, "%zu", m->files_nr);
	f->media_type = line(p->arena, media);
	f->len = len;
	f->too_large = len > MAIL_FILE_MAX;
	if (!f->too_large)
		f->content = arena_memdup(p->arena, data, len);
	g_free(media);
}

static void add_mail_file(struct parsing *p, GMimeObject *part)
{
	gchar *text = g_mime_object_to_string(part, NULL);

	if (text != NULL)
		add_file(p, "mail.eml", part, (const uint8_t *)text,
			 strlen(text));
	g_free(text);
}

static void part_cb(GMimeObject *parent, GMimeObject *object, gpointer arg)
{
	struct parsing *p = arg;
	GMimeContentType *type = g_mime_object_get_content_type(object);
	const char *disposition = g_mime_object_get_disposition(object);
	GByteArray *bytes;
	GMimePart *part;
	bool attached;

	(void)parent;
	if (GMIME_IS_MESSAGE_PART(object)) {
		add_mail_file(p, object);
		return;
	}
	if (!GMIME_IS_PART(object))
		return;
	part = GMIME_PART(object);
	attached = (disposition != NULL &&
		    g_ascii_strcasecmp(disposition, "attachment") == 0) ||
		   g_mime_part_get_filename(part) != NULL;
	if (!attached && g_mime_content_type_is_type(type, "text", "plain")) {
		add_text(p, part, false);
		return;
	}
	if (!attached && g_mime_content_type_is_type(type, "text", "html")) {
		add_text(p, part, true);
		return;
	}
	bytes = content_of(part);
	if (bytes->len > 0)
		add_file(p, g_mime_part_get_filename(part), object, bytes->data,
			 bytes->len);
	g_byte_array_free(bytes, TRUE);
}

int mail_parse(struct arena *arena, const uint8_t *raw, size_t len,
	       struct mail *mail_r)
{
	struct parsing p = { .arena = arena, .mail = mail_r, .plain = "" };
	GMimeStream *stream;
	GMimeParser *parser;
	GMimeMessage *message;
	GMimeObject *body;

	*mail_r = (struct mail){ 0 };
	g_mime_init();
	stream = g_mime_stream_mem_new_with_buffer((const char *)raw, len);
	parser = g_mime_parser_new_with_stream(stream);
	message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	if (message == NULL)
		return -1;
	read_headers(&p, message);
	body = g_mime_message_get_mime_part(message);
	if (body != NULL)
		mail_r->delivery_report = g_mime_content_type_is_type(
			g_mime_object_get_content_type(body), "multipart",
			"report");
	g_mime_message_foreach(message, part_cb, &p);
	mail_r->text = p.plain[0] != '\0' || p.html == NULL ? p.plain : p.html;
	g_object_unref(message);
	return 0;
}
