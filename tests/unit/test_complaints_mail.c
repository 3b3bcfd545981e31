/* test_complaints_mail.c -- the rules of mail and webhooks: numbers and ids
 * that come back as they went out, texts, what an outcome means, who a mail is
 * of, and that a composed mail is what a mail program reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gmime/gmime.h>

#include "complaints/complaints.h"
#include "complaints/desk.h"
#include "outside/imap.h"
#include "text/html.h"
#include "timeutil.h"

static const uint8_t ID[UUID_BYTES] = { 0x01, 0x95, 0x7a, 0x3c, 0x11, 0x11,
					0x72, 0x22, 0x83, 0x33, 0x44, 0x44,
					0x55, 0x55, 0x66, 0xab };
static struct arena arena;

static void test_numbers(void **state)
{
	static const struct {
		const char *subject, *digits;
	} cases[] = {
		{ "Re: [SY-33344-44555-566AB]", "3334444555566ab" },
		{ "sy-333444455556 6ab", NULL },
		{ "sy-3334444555566ab!", "3334444555566ab" },
		{ "XSY-33344-44555-566AB", NULL },
		{ "SY-33344-44555-566AB1", NULL },
		{ "SY-33344--44555-566AB", NULL },
		{ "SY- and SY-33344-44555-566ab", "3334444555566ab" },
		{ "SY-", NULL },
		{ "", NULL },
	};
	char text[CASE_NUMBER_MAX], digits[CASE_NUMBER_DIGITS + 1];

	(void)state;
	assert_string_equal(case_number(ID, text), "SY-33344-44555-566AB");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool found = case_number_find(cases[i].subject, digits);

		assert_int_equal(found, cases[i].digits != NULL);
		if (found)
			assert_string_equal(digits, cases[i].digits);
	}
}

static void test_message_ids(void **state)
{
	static const char *const others[] = {
		"01957a3c-1111-7222-8333-4444555566ab@post.test",
		"01957a3c-1111-7222-8333-4444555566ab.@post.test",
		"01957a3c-1111-7222-8333-4444555566ab.7x@post.test",
		"01957a3c-1111-7222-8333-4444555566ab.7@another.test",
		"01957a3c-1111-7222-8333-4444555566ag.7@post.test",
		"@post.test",
		"post.test",
		"",
	};
	char text[MESSAGE_ID_MAX];
	uint8_t id[UUID_BYTES];

	(void)state;
	message_id_make(ID, 7, "post.test", text);
	assert_string_equal(text,
			    "01957a3c-1111-7222-8333-4444555566ab.7@post.test");
	assert_true(message_id_read(text, "POST.test", id));
	assert_memory_equal(id, ID, sizeof(id));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(message_id_read(others[i], "post.test", id));
}

static enum sent rendered(struct notice *n,
			  Sy__V1__PutTemplateRequest *template)
{
	uint8_t *body = NULL;

	n->template_body = NULL;
	n->body = "";
	if (template != NULL) {
		n->template_body_len =
			sy__v1__put_template_request__get_packed_size(template);
		body = arena_alloc(&arena, n->template_body_len);
		sy__v1__put_template_request__pack(template, body);
		n->template_body = body;
	}
	return notice_render(n, "", &arena);
}

static void test_render(void **state)
{
	struct notice n = { .lang = "en",
			    .template = "told",
			    .name = "Ann {{notice.text}}",
			    .text = "a\n{{b}}",
			    .external_id = "",
			    .unit_name = "North",
			    .department_name = "",
			    .topic_name = "",
			    .registered_day = 20162 };
	Sy__V1__Label name = SY__V1__LABEL__INIT, text = SY__V1__LABEL__INIT;
	Sy__V1__Label *names[] = { &name }, *texts[] = { &text };
	Sy__V1__PutTemplateRequest t = SY__V1__PUT_TEMPLATE_REQUEST__INIT;

	(void)state;
	memcpy(n.appeal_id, ID, sizeof(ID));
	assert_int_equal(rendered(&n, NULL), SENT_NO_TEMPLATE);
	name.lang = text.lang = "ru";
	name.text = "Told";
	text.text = "Dear {{person.name}} of {{unit.name}},\n"
		    "until {{due.answer}}.\n"
		    "{{appeal.number}}, {{appeal.registered}}\n"
		    "{{notice.text}}";
	t.names = names;
	t.texts = texts;
	t.n_names = t.n_texts = 1;
	assert_int_equal(rendered(&n, &t), SENT_NO_LANGUAGE);
	assert_string_equal(n.body, "");
	text.lang = "en";
	assert_int_equal(rendered(&n, &t), SENT_DONE);
	/* without a name in the language it is called by its code */
	assert_string_equal(n.subject, "told [SY-33344-44555-566AB]");
	assert_string_equal(n.body, "Dear Ann {{notice.text}} of North,\n"
				    "SY-33344-44555-566AB, 15 March 2025\n"
				    "a\n{{b}}");
	name.lang = "en";
	assert_int_equal(rendered(&n, &t), SENT_DONE);
	assert_string_equal(n.subject, "Told [SY-33344-44555-566AB]");
}

static void test_outcomes(void **state)
{
	static const struct {
		struct attempt a;
		enum sent smtp, http;
	} cases[] = {
		{ { .over = true, .handed = true, .status = 250 },
		  SENT_DONE,
		  SENT_DONE },
		/* nothing went out */
		{ { .status = 0 }, SENT_LATER, SENT_LATER },
		/* all went out, nothing came back */
		{ { .handed = true, .status = 0 }, SENT_UNKNOWN, SENT_UNKNOWN },
		{ { .handed = true, .status = 354 }, SENT_UNKNOWN, SENT_LATER },
		/* the server's password is wrong, its greeting unkind */
		{ { .status = 535 }, SENT_LATER, SENT_LATER },
		/* the address is */
		{ { .envelope = true, .status = 550 },
		  SENT_REFUSED,
		  SENT_LATER },
		{ { .envelope = true, .status = 450 }, SENT_LATER, SENT_LATER },
		/* the text is */
		{ { .handed = true, .status = 554 }, SENT_REFUSED, SENT_LATER },
		{ { .handed = true, .status = 452 }, SENT_LATER, SENT_LATER },
		{ { .over = true, .handed = true, .status = 503 },
		  SENT_DONE,
		  SENT_LATER },
		{ { .over = true, .handed = true, .status = 410 },
		  SENT_DONE,
		  SENT_REFUSED },
		{ { .over = true, .handed = true, .status = 302 },
		  SENT_DONE,
		  SENT_LATER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(smtp_sent(&cases[i].a), cases[i].smtp);
		assert_int_equal(http_sent(&cases[i].a), cases[i].http);
	}
}

static void test_names(void **state)
{
	static const char *const addresses[] = { "a@b", "a.b+c@d.test",
						 "\xd0\xb0@\xd0\xb1.test" };
	static const char *const no_addresses[] = {
		"",      "a",      "@b",    "a@",      "a@b@c",
		"a b@c", "a@b>",   "<a@b>", "a@b,c@d", "a@b\r\n",
		"-a@b",  "a\"b@c", "a@.b",  "a@b\x7f",
	};
	static const char *const schemes[] = { "https", NULL };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_true(address_acceptable(addresses[i]));
	for (size_t i = 0; i < sizeof(no_addresses) / sizeof(char *); i++)
		assert_false(address_acceptable(no_addresses[i]));
	assert_true(secret_name_acceptable("imap_Box-1.txt"));
	assert_false(secret_name_acceptable("a/b"));
	assert_false(secret_name_acceptable(".."));
	assert_false(secret_name_acceptable(""));
	assert_false(outside_name_acceptable("Box"));
	assert_true(outside_url_acceptable("https://h.test/p?q=1", schemes));
	assert_false(outside_url_acceptable("http://h.test/", schemes));
	assert_false(outside_url_acceptable("https://u:p@h.test/", schemes));
	assert_false(outside_url_acceptable("https://", schemes));
	assert_false(outside_url_acceptable("h.test", schemes));
}

/* Against `printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac key`. */
static void test_signature(void **state)
{
	char text[SIGNATURE_MAX];

	(void)state;
	webhook_signature((const uint8_t *)"key", 3, 1700000000, "{\"a\":1}", 7,
			  text);
	assert_string_equal(text, "t=1700000000,v1="
				  "a438e398bfafc57e4396bb7fc2304422f0f768e965d0"
				  "73ca313cb52e22e6ad03");
}

static struct mail person(void)
{
	return (struct mail){ .message_id = "1@b.test",
			      .sender = "a@b.test",
			      .sender_name = "",
			      .subject = "s",
			      .text = "t",
			      .auto_submitted = "",
			      .precedence = "" };
}

#define JUDGE(change_, reason_)                                                \
	do {                                                                   \
		struct mail m = person();                                      \
		change_;                                                       \
		assert_int_equal(mail_judge(&m, "care@o.test", "o.test"),      \
				 SY__V1__MAIL_ASIDE_REASON__MAIL_##reason_);   \
	} while (0)

static void test_judge(void **state)
{
	(void)state;
	JUDGE((void)m, ASIDE_NONE);
	JUDGE(m.auto_submitted = "no", ASIDE_NONE);
	JUDGE(m.precedence = "first-class", ASIDE_NONE);
	JUDGE(m.text = "", ASIDE_NONE);
	JUDGE(m.auto_submitted = "auto-replied", AUTOMATIC);
	JUDGE(m.precedence = "Bulk", AUTOMATIC);
	JUDGE(m.list = true, AUTOMATIC);
	JUDGE(m.null_return = true, AUTOMATIC);
	JUDGE(m.delivery_report = true, AUTOMATIC);
	JUDGE(m.sender = "MAILER-DAEMON@b.test", AUTOMATIC);
	JUDGE(m.sender = "Care@o.test", OWN);
	JUDGE(m.message_id = "01957a3c-1111-7222-8333-4444555566ab.7@o.test",
	      OWN);
	JUDGE(m.sender = "", MALFORMED);
	JUDGE(m.sender = "a", MALFORMED);
	JUDGE(m.subject = m.text = "", MALFORMED);
}

static void test_external_ids(void **state)
{
	char id[EXTERNAL_ID_MAX + 1], other[EXTERNAL_ID_MAX + 1];
	struct mail m = person();
	char long_id[400];

	(void)state;
	mail_external_id(&m, (const uint8_t *)"x", 1, id);
	assert_null(strstr(id, "b.test"));
	memset(long_id, 'x', sizeof(long_id));
	long_id[sizeof(long_id) - 1] = '\0';
	m.message_id = long_id;
	mail_external_id(&m, (const uint8_t *)"x", 1, id);
	mail_external_id(&m, (const uint8_t *)"y", 1, other);
	assert_string_equal(id, other);
	m.message_id = "";
	mail_external_id(&m, (const uint8_t *)"x", 1, id);
	mail_external_id(&m, (const uint8_t *)"y", 1, other);
	assert_string_not_equal(id, other);
}

static void test_imap_lines(void **state)
{
	struct imap_list list = { 0 };
	struct imap_entry e;

	(void)state;
	assert_true(imap_entry_read("* 3 FETCH (UID 7 RFC822.SIZE 4423 "
				    "INTERNALDATE \"17-Jul-1996 02:44:25 "
				    "-0700\")",
				    &e));
	assert_int_equal(e.uid, 7);
	assert_int_equal(e.bytes, 4423);
	assert_int_equal(e.received_us, 837596665 * US_PER_S);
	assert_false(imap_entry_read("* 3 EXISTS", &e));
	assert_false(imap_entry_read("* 3 FETCH (FLAGS (\\Seen))", &e));
	assert_false(imap_entry_read("A1 OK FETCH (UID 7 RFC822.SIZE 1)", &e));
	assert_false(imap_entry_read("* 1 FETCH (UID -7 RFC822.SIZE 1)", &e));
	assert_int_equal(imap_uidvalidity_read("* OK [UIDVALIDITY 17] ok"), 17);
	assert_int_equal(imap_uidvalidity_read("* OK [UIDNEXT 17] ok"), 0);
	for (int i = 0; i < 3 * IMAP_LIST_MAX; i++) {
		e.uid = 1 + (i * 7) % (3 * IMAP_LIST_MAX);
		imap_list_add(&list, &e);
		imap_list_add(&list, &e);
	}
	assert_int_equal(list.n, IMAP_LIST_MAX);
	for (int i = 0; i < IMAP_LIST_MAX; i++)
		assert_int_equal(list.entries[i].uid, i + 1);
}

static void test_compose(void **state)
{
	struct mail_from from = { .name = (char *)"\xd0\x9f\xd0\xbe\xd1\x87",
				  .address = (char *)"care@o.test",
				  .domain = "o.test" };
	struct notice n = { .revision = 3,
			    .created_at_us = 1780000000 * US_PER_S,
			    .address = "a@b.test",
			    .name = "Ann \xe6\x9d\x8e, \"the\r\nfirst\"",
			    .subject = "Your \xd0\xbf [SY-1]",
			    .body = "4 October 2024: .\r\n\xe6\x89\xbe\n",
			    .customer_id = "x@b.test",
			    .first_revision = 1 };
	struct mail m;
	size_t len;
	char *raw;

	(void)state;
	memcpy(n.appeal_id, ID, sizeof(ID));
	raw = notice_compose(&n, &from, &len);
	assert_non_null(raw);
	assert_int_equal(mail_parse(&arena, (uint8_t *)raw, len, &m), 0);
	assert_string_equal(m.subject, "Your \xd0\xbf [SY-1]");
	assert_string_equal(m.sender, "care@o.test");
	assert_string_equal(m.sender_name, from.name);
	assert_string_equal(m.text, "4 October 2024: .\n"
				    "\xe6\x89\xbe");
	assert_string_equal(m.message_id,
			    "01957a3c-1111-7222-8333-4444555566ab.3@o.test");
	assert_string_equal(m.refers[0], "x@b.test");
	assert_int_equal(m.refers_nr, 3);
	/* what we send we would not take */
	assert_int_equal(mail_judge(&m, "", ""),
			 SY__V1__MAIL_ASIDE_REASON__MAIL_AUTOMATIC);
	for (size_t i = 0; i + 1 < len; i++)
		assert_true(raw[i] == '\r' || raw[i + 1] != '\n');
	free(raw);
	n.address = "a@b.test\r\nBcc: all@b.test";
	assert_null(notice_compose(&n, &from, &len));
}

static void test_html(void **state)
{
	static const struct {
		const char *html, *text;
	} cases[] = {
		{ "a<br>b", "a\nb" },
		{ "<p>a</p><p>b</p>", "a\n\nb" },
		{ "<head><title>x</title></head><b>a</b> b", "a b" },
		{ "a<style>b{}</style>&nbsp;&lt;c", "a\xc2\xa0<c" },
		{ "<div><div><div>a</div></div></div>b", "a\nb" },
		{ "a <b>b</b> c", "a b c" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(
			html_text(&arena, cases[i].html, strlen(cases[i].html)),
			cases[i].text);
}

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	g_mime_init();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_message_ids),
		cmocka_unit_test(test_render),
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_signature),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_external_ids),
		cmocka_unit_test(test_imap_lines),
		cmocka_unit_test(test_compose),
		cmocka_unit_test(test_html),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
