/* charset.h -- bytes of any encoding, named, misnamed or not named at all, as
 * UTF-8. */
#ifndef SUYUAN_TEXT_CHARSET_H
#define SUYUAN_TEXT_CHARSET_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/* charset: what the sender says, NULL or "" = nothing. What is UTF-8 already
 * stays it, whatever was said; what cannot be converted has U+FFFD in its
 * place. Without NUL and \r. Needs up to ten times len of the arena. */
char *charset_to_utf8(struct arena *arena, const uint8_t *data, size_t len,
		      const char *charset);
/* Of what should be UTF-8 already. */
char *charset_clean(struct arena *arena, const char *text, size_t len);

#endif
