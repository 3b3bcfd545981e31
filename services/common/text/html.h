/* html.h -- what a reader sees of a text that comes as HTML: mails, feeds. */
#ifndef SUYUAN_TEXT_HTML_H
#define SUYUAN_TEXT_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

/* Of valid UTF-8; scripts, styles and heads are left out, blocks stand on lines
 * of their own. Never NULL. */
const char *html_text(struct arena *arena, const char *html, size_t len);

#endif
