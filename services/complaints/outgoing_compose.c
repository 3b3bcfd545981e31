/* outgoing_compose.c -- a notice as its reader gets it: the text from the
 * desk's template, the mail around it. MIME and its encodings are GMime's. The
 * same row makes the same mail at each attempt, so that a repeat can be told by
 * its Message-ID.
 */
#include <stdlib.h>
#include <string.h>

#include <gmime/gmime.h>

#include "complaints.h"
#include "desk.h"
#include "timeutil.h"

static const char *day_text(struct arena *arena, const char *lang, int32_t day)
{
	return day == 0 ? "" : day_in_words(day, lang, arena_alloc(arena, 32));
}

/* The label in the language; NULL: there is none. */
static const char *label_in(Sy__V1__Label *const *labels, size_t n,
			    const char *lang)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(labels[i]->lang, lang) == 0)
			return labels[i]->text;
	return NULL;
}

enum sent notice_render(struct notice *n, const char *link, struct arena *arena)
{
	const Sy__V1__PutTemplateRequest *template =
		n->template_body == NULL
			? NULL
			: sy__v1__put_template_request__unpack(
				  &arena->allocator, n->template_body_len,
				  n->template_body);
	char number[CASE_NUMBER_MAX];
	const char *value[FIELDS_NR] = {
		[FIELD_EXTERNAL_ID] = n->external_id,
		[FIELD_REGISTERED] =
			day_text(arena, n->lang, n->registered_day),
		[FIELD_PERSON_NAME] = n->name,
		[FIELD_UNIT_NAME] = n->unit_name,
		[FIELD_DEPARTMENT_NAME] = n->department_name,
		[FIELD_TOPIC_NAME] = n->topic_name,
		[FIELD_DUE_ANSWER] = day_text(arena, n->lang, n->due_day),
		[FIELD_NUMBER] = case_number(n->appeal_id, number),
		[FIELD_NOTICE_TEXT] = n->text,
		[FIELD_RATING_LINK] = link,
	};
	const char *subject, *text;
	uint32_t missing;

	if (template == NULL)
		return SENT_NO_TEMPLATE;
	text = label_in(template->texts, template->n_texts, n->lang);
	if (text == NULL)
		return SENT_NO_LANGUAGE;
	subject = label_in(template->names, template->n_names, n->lang);
	if (subject == NULL || subject[0] == '\0')
		subject = n->template;
	n->subject = arena_printf(arena, "%s [%s]", subject, number);
	n->body = template_fill(arena, text, value, LINES_WITH_WORDS, &missing);
	return SENT_DONE;
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
	GDateTime *date;

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
	return letter_write(message, "plain", n->body, len_r);
}
