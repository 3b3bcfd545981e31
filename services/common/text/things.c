/* things.c -- where an address or a number begins and ends, see things.h. */
#include <stdbool.h>
#include <string.h>

#include "text/chars.h"
#include "text/things.h"

#define LOOK_MAX_BYTES 128
#define HANDLE_MAX_CHARS 30

static bool is_host(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_latin(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_alnum(char c)
{
	return is_latin(c) || is_digit(c);
}

static size_t look_end(const struct text *t, size_t at)
{
	return t->len - at < LOOK_MAX_BYTES ? t->len : at + LOOK_MAX_BYTES;
}

/* --- each returns where the thing that begins at `at` ends, 0: there is none
 */

static size_t url_end(const struct text *t, size_t at)
{
	size_t i = at, end = look_end(t, at);
	bool dot = false;

	if (!text_begins(t, at, "http://") && !text_begins(t, at, "https://") &&
	    !text_begins(t, at, "www.")) {
		/* a host and a path: vk.com/... */
		for (; i < end && is_host(t->s[i]); i++)
			dot = dot || (t->s[i] == '.' && i > at);
		if (!dot || i >= end || t->s[i] != '/')
			return 0;
	}
	while (i < t->len && t->s[i] > ' ' && t->s[i] < 0x7f)
		i++;
	return i;
}

static size_t email_end(const struct text *t, size_t at)
{
	size_t i = at, end = look_end(t, at), domain, dot = 0;

	while (i < end && (is_host(t->s[i]) || t->s[i] == '_' ||
			   t->s[i] == '+' || t->s[i] == '%'))
		i++;
	if (i == at || i >= end || t->s[i] != '@')
		return 0;
	domain = ++i;
	for (; i < end && is_host(t->s[i]); i++)
		if (t->s[i] == '.' && i > domain)
			dot = i;
	return dot != 0 && dot + 2 < i ? i : 0;
}

static size_t mention_end(const struct text *t, size_t at)
{
	size_t i = at + 1, n = 0;

	if (t->s[at] != '@')
		return 0;
	while (i < t->len && n < HANDLE_MAX_CHARS) {
		size_t next = i;
		uint32_t c = char_next(t->s, &next);
		enum char_class class = char_class(c);

		if (!char_in_word(class) && class != CHAR_HAN && c != '_' &&
		    c != '-')
			break;
		i = next;
		n++;
	}
	return n > 0 ? i : 0;
}

/* Digits in groups: +7 (495) 123-45-67. */
static size_t phone_end(const struct text *t, size_t at)
{
	size_t i = at, end = look_end(t, at), last = 0, digits = 0, between = 0;
	bool plus = t->s[at] == '+';
	char first = '\0';

	for (i += plus; i < end && digits <= 15; i++) {
		if (is_digit(t->s[i])) {
			if (digits++ == 0)
				first = t->s[i];
			between = 0;
			last = i + 1;
		} else if (++between > 2 || strchr(" -()", t->s[i]) == NULL) {
			break;
		}
	}
	if (digits < 10 || digits > 15 ||
	    (last < t->len && is_alnum(t->s[last])))
		return 0;
	if (!plus &&
	    (digits != 11 || (first != '7' && first != '8' && first != '1')))
		return 0;
	return last;
}

static size_t run_of(const struct text *t, size_t at, size_t max,
		     bool (*is)(char c))
{
	size_t n = 0;

	while (n < max && at + n < t->len && is(t->s[at + n]))
		n++;
	return n;
}

/* RA123456785RU, ra 123456785 ru, 14 digits, SF and 12 digits. */
static size_t track_end(const struct text *t, size_t at)
{
	size_t letters = run_of(t, at, 5, is_latin), i = at + letters, digits;

	if (letters > 4)
		return 0;
	if (letters == 2 && i < t->len && t->s[i] == ' ')
		i++;
	digits = run_of(t, i, LOOK_MAX_BYTES, is_digit);
	if (digits < 8 || (i > at + letters && digits != 9))
		return 0;
	i += digits;
	if (digits == 9 && letters == 2) {
		size_t j = i + (i < t->len && t->s[i] == ' ');

		if (run_of(t, j, 3, is_latin) == 2)
			return j + 2;
	}
	if (i > at + letters + digits)
		return 0;
	i += run_of(t, i, 2, is_latin);
	return i < t->len && is_alnum(t->s[i]) ? 0 : i;
}

/* 1,500.00 12:30 20/11/2026 3-5 */
static size_t number_end(const struct text *t, size_t at)
{
	size_t i = at;

	while (i < t->len && is_digit(t->s[i])) {
		do
			i++;
		while (i < t->len && is_digit(t->s[i]));
		if (i + 1 < t->len && strchr(".,:/-", t->s[i]) != NULL &&
		    is_digit(t->s[i + 1]))
			i++;
	}
	return i > at ? i : 0;
}

size_t thing_address(const struct text *t, size_t at, enum thing *thing_r)
{
	size_t end = 0;

	if (t->s[at] == '@') {
		*thing_r = THING_MENTION;
		return mention_end(t, at);
	}
	if (is_alnum(t->s[at])) {
		*thing_r = THING_URL;
		end = url_end(t, at);
	}
	if (end == 0 && is_alnum(t->s[at])) {
		*thing_r = THING_EMAIL;
		end = email_end(t, at);
	}
	return end;
}

size_t thing_number(const struct text *t, size_t at, enum thing *thing_r)
{
	size_t end = 0;
	char c = t->s[at];

	if (is_digit(c) || c == '+') {
		*thing_r = THING_PHONE;
		end = phone_end(t, at);
	}
	if (end == 0 && is_alnum(c)) {
		*thing_r = THING_TRACK;
		end = track_end(t, at);
	}
	if (end == 0 && is_digit(c)) {
		*thing_r = THING_NUMBER;
		end = number_end(t, at);
	}
	return end;
}
