/* test_complaints_attachment.c -- which files are taken into a case: by what
 * they are, and with names that hide nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "complaints/items.h"

#define BYTES(...)                                                             \
	(const uint8_t[]){ __VA_ARGS__ },                                      \
		sizeof((const uint8_t[]){ __VA_ARGS__ })
#define CHARS(...) (const uint8_t *)(__VA_ARGS__), sizeof(__VA_ARGS__) - 1

static const struct {
	const uint8_t *content;
	size_t bytes;
	const char *is;
} files[] = {
	{ BYTES(0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1),
	  "image/jpeg" },
	{ CHARS("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0"),
	  "image/png" },
	{ CHARS("RIFF\x1a\0\0\0WEBPVP8L\r\0\0\0/\0\0\0\x10\x07\x10\x11"),
	  "image/webp" },
	{ CHARS("GIF89a\1\0\1\0\0\0\0;"), "image/gif" },
	{ CHARS("\0\0\0\30ftypheic\0\0\0\0mif1heic"), "image/heic" },
	{ CHARS("\0\0\0\30ftypmif1\0\0\0\0mif1heic"), "image/heic" },
	{ CHARS("%PDF-1.4\n%"), "application/pdf" },
	{ CHARS("PK\3\4\n\0\0\0\0\0\0\0\0\0\x5e\xc6\x32\x0c\x27\0\0\0\x27\0\0"
		"\0\x08\0\0\0mimetypeapplication/vnd.oasis.opendocument.text"),
	  "application/vnd.oasis.opendocument.text" },
	{ CHARS("The queue was three hours long.\n"), "text/plain" },
	{ CHARS("\xd0\x9e\xd1\x87\xd0\xb5\xd1\x80\xd0\xb5\xd0\xb4\xd1\x8c\n"),
	  "text/plain" },
	{ CHARS("day,minutes\n1,40\n2,90\n3,70\n"), "text/plain" },
	{ CHARS("From: a@example.org\nSubject: queue\n\nLong.\n"),
	  "text/plain" },
	{ CHARS("<html><body><script>x()</script></body></html>"), NULL },
	{ CHARS("<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
	  NULL },
	{ CHARS("#!/bin/sh\nrm -r x\n"), NULL },
	{ CHARS("{\\rtf1 text}"), NULL },
	{ CHARS("MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0"), NULL },
	{ CHARS("\177ELF\2\1\1\0\0\0\0\0\0\0\0\0"), NULL },
	{ CHARS("PK\3\4\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0"
		"a.exe"),
	  NULL },
	{ BYTES(0, 1, 2, 3, 4, 5, 6, 7), NULL },
};

static void test_sniff(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *is =
			attachment_sniff(files[i].content, files[i].bytes);

		if (files[i].is == NULL)
			assert_null(is);
		else
			assert_string_equal(is, files[i].is);
	}
}

static void test_attachment_fields(void **state)
{
	static const char *const bad_names[] = {
		"",
		".",
		"..",
		"a/b",
		"..\\b",
		"a\nb",
		"a\xc2\x85z",
		"gpj\xe2\x80\xae.exe",
		"x\xe2\x81\xa6y",
	};
	Sy__V1__AttachFileRequest req = SY__V1__ATTACH_FILE_REQUEST__INIT;
	static uint8_t large[ATTACHMENT_BYTES_MAX + 1];
	char name[ATTACHMENT_NAME_MAX + 2];
	struct problem problem;

	(void)state;
	req.media_type = (char *)"image/gif";
	req.content.data = (uint8_t *)files[3].content;
	req.content.len = files[3].bytes;
	req.file_name = (char *)"..photo of \xe9\x98\x9f.gif";
	assert_true(attachment_check(&req, &problem));
	for (size_t i = 0; i < sizeof(bad_names) / sizeof(char *); i++) {
		req.file_name = (char *)bad_names[i];
		assert_false(attachment_check(&req, &problem));
		assert_string_equal(problem.field, "file_name");
	}
	memset(name, 'a', sizeof(name));
	name[ATTACHMENT_NAME_MAX + 1] = '\0';
	req.file_name = name;
	assert_false(attachment_check(&req, &problem));
	name[ATTACHMENT_NAME_MAX] = '\0';
	assert_true(attachment_check(&req, &problem));

	/* what it says must be what it is */
	req.media_type = (char *)"image/png";
	assert_false(attachment_check(&req, &problem));
	assert_string_equal(problem.field, "content");
	req.media_type = (char *)"text/html";
	assert_false(attachment_check(&req, &problem));
	assert_string_equal(problem.field, "media_type");

	memset(large, 'a', sizeof(large));
	req.media_type = (char *)"text/plain";
	req.content.data = large;
	req.content.len = ATTACHMENT_BYTES_MAX;
	assert_true(attachment_check(&req, &problem));
	req.content.len++;
	assert_false(attachment_check(&req, &problem));
	req.content.len = 0;
	assert_false(attachment_check(&req, &problem));
	assert_string_equal(problem.field, "content");
}

static int open_all(void **state)
{
	(void)state;
	return attachments_open(NULL);
}

static int close_all(void **state)
{
	(void)state;
	attachments_close();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sniff),
		cmocka_unit_test(test_attachment_fields),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
