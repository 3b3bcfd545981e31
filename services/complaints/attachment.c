/* attachment.c -- which files are taken into a case: by what they are, not by
 * what they are called. Known pictures, PDF, plain text and office documents,
 * none of which a browser runs.
 */
#include <string.h>

#include <magic.h>

#include "items.h"
#include "utf8.h"

static magic_t magic;

#define OOXML(what) ("application/vnd.openxmlformats-officedocument." what)

static const char *const taken[] = {
	"image/jpeg",
	"image/png",
	"image/webp",
	"image/gif",
	"image/heic",
	"application/pdf",
	"text/plain",
	"application/msword",
	"application/vnd.ms-excel",
	"application/vnd.ms-powerpoint",
	OOXML("wordprocessingml.document"),
	OOXML("spreadsheetml.sheet"),
	OOXML("presentationml.presentation"),
	"application/vnd.oasis.opendocument.text",
	"application/vnd.oasis.opendocument.spreadsheet",
	"application/vnd.oasis.opendocument.presentation",
};

/* Texts that a viewer would do more with than show them. */
static const char *const active[] = {
	"text/html",     "text/xml",
	"text/rtf",      "application/postscript",
	"image/svg+xml", "text/x-shellscript",
};

int attachments_open(struct error *err)
{
	magic = magic_open(MAGIC_MIME | MAGIC_NO_CHECK_COMPRESS |
			   MAGIC_NO_CHECK_ELF);
	if (magic == NULL)
		return error_set(err, "file types: out of memory");
	if (magic_load(magic, NULL) == 0)
		return 0;
	error_set(err, "file types: %s", magic_error(magic));
	attachments_close();
	return -1;
}

void attachments_close(void)
{
	if (magic != NULL)
		magic_close(magic);
	magic = NULL;
}

static const char *find(const char *const *list, size_t n, const char *type,
			size_t len)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(list[i]) == len && memcmp(list[i], type, len) == 0)
			return list[i];
	}
	return NULL;
}
#define FIND(list, type, len)                                                  \
	find(list, sizeof(list) / sizeof((list)[0]), type, len)

const char *attachment_sniff(const uint8_t *content, size_t bytes)
{
	/* "image/png; charset=binary" */
	const char *is = magic_buffer(magic, content, bytes);
	size_t len;

	if (is == NULL)
		return NULL;
	len = strcspn(is, ";");
	/* as some cameras mark the same */
	if (strncmp(is, "image/heif", len) == 0)
		return "image/heic";
	if (FIND(taken, is, len) != NULL)
		return FIND(taken, is, len);
	/* A letter or a list may look like mail, CSV or a program. */
	if (strstr(is, "charset=binary") == NULL &&
	    FIND(active, is, len) == NULL)
		return "text/plain";
	return NULL;
}

/* U+202A..E and U+2066..9 turn the reading direction, so that the end of a name
 * is not seen at its end. */
static bool turns_direction(const char *name)
{
	const unsigned char *s = (const unsigned char *)name;

	for (; *s != '\0'; s++) {
		if (s[0] == 0xe2 && s[1] == 0x80 && s[2] >= 0xaa &&
		    s[2] <= 0xae)
			return true;
		if (s[0] == 0xe2 && s[1] == 0x81 && s[2] >= 0xa6 &&
		    s[2] <= 0xa9)
			return true;
	}
	return false;
}

static bool bad(struct problem *problem, const char *field, const char *text)
{
	*problem = (struct problem){ SY__V1__ERROR_CODE__INVALID, field, text };
	return false;
}

bool attachment_check(const Sy__V1__AttachFileRequest *req,
		      struct problem *problem_r)
{
	const char *name = req->file_name;
	const char *is;

	if (name[0] == '\0')
		return bad(problem_r, "file_name", "is missing");
	if (strlen(name) > ATTACHMENT_NAME_MAX)
		return bad(problem_r, "file_name", "is longer than 255 bytes");
	if (utf8_has_control(name) || turns_direction(name))
		return bad(problem_r, "file_name", "holds a control character");
	if (strpbrk(name, "/\\") != NULL || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return bad(problem_r, "file_name", "holds a path");
	if (req->content.len == 0)
		return bad(problem_r, "content", "is missing");
	if (req->content.len > ATTACHMENT_BYTES_MAX)
		return bad(problem_r, "content", "is longer than 512 KiB");
	if (FIND(taken, req->media_type, strlen(req->media_type)) == NULL)
		return bad(problem_r, "media_type", "is not taken");
	is = attachment_sniff(req->content.data, req->content.len);
	if (is == NULL || strcmp(is, req->media_type) != 0)
		return bad(problem_r, "content",
			   "is not of the media type that it says");
	return true;
}
