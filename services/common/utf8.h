/* utf8.h -- texts that are cut must not end in half a character: JSON, protobuf
 * and PostgreSQL refuse the whole text then. And what no name may hold. */
#ifndef SUYUAN_UTF8_H
#define SUYUAN_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* How many bytes of text go into max_bytes without cutting a character in two:
 * for "%.*s". */
int utf8_fit(const char *text, size_t max_bytes);

/* Takes away half a character at the end, which a cut has left there. */
void utf8_trim(char *text);
/* Puts '?' for each byte that is no part of a character. */
void utf8_mend(char *text);

/* C0, DEL or C1: they would break every list that shows the string. */
bool utf8_has_control(const char *text);

#endif
