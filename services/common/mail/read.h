/* read.h -- the bytes of a mail to what can be made of it: an appeal, a
 * mention. Takes any bytes. */
#ifndef SUYUAN_MAIL_READ_H
#define SUYUAN_MAIL_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

#define MAIL_TEXT_MAX 60000 /* bytes; the rest stays on the server */
#define MAIL_FILE_MAX (512 * 1024)
#define MAIL_FILES_MAX 20

struct mail_file {
	const char *name;
	const char *media_type;
	const uint8_t *content;
	size_t len;
	bool too_large; /* content is not kept */
};
/* All texts are UTF-8 without NUL; "" = not said. */
struct mail {
	const char *message_id; /* without brackets */
	const char *sender;     /* address */
	const char *sender_name;
	const char *subject;
	const char *text;
	const char **refers; /* In-Reply-To and References */
	size_t refers_nr;
	const char *auto_submitted, *precedence;
	bool list;        /* List-Id, List-Unsubscribe */
	bool null_return; /* Return-Path: <> */
	bool delivery_report;
	struct mail_file files[MAIL_FILES_MAX];
	size_t files_nr, files_left_out;
};

/* Everything lives in the arena. -1: not a mail. Takes any bytes. */
int mail_parse(struct arena *arena, const uint8_t *raw, size_t len,
	       struct mail *mail_r);

#endif
