/* conf.c -- the environment against the tables; all problems are told at once,
 * so that an operator starts a service twice, not ten times. Texts name
 * variables, never values: these may be secrets. */
#include "conf.h"

#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "SUYUAN_"
#define FILE_SUFFIX "_FILE"
#define NAME_MAX_BYTES 128
#define FILE_MAX_BYTES ((size_t)64 * 1024)

struct problems {
	/* Leaves room in struct error for "; and 999 more". */
	char text[sizeof(((struct error *)NULL)->text) - 32];
	size_t len;
	int told, untold;
};

__attribute__((format(printf, 2, 3))) static void
add_problem(struct problems *p, const char *fmt, ...)
{
	char text[sizeof(p->text)];
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	len = strlen(text);
	if (p->len + len + 3 > sizeof(p->text)) {
		p->untold++;
		return;
	}
	if (p->told++ > 0) {
		memcpy(p->text + p->len, "; ", 2);
		p->len += 2;
	}
	memcpy(p->text + p->len, text, len + 1);
	p->len += len;
}

/* --- what the environment has that no table has --------------------------- */

static bool in_tables(const struct conf_entry *const *tables, const char *name,
		      size_t len)
{
	for (; *tables; tables++) {
		for (const struct conf_entry *e = *tables; e->name; e++) {
			if (strlen(e->name) == len &&
			    memcmp(e->name, name, len) == 0)
				return true;
		}
	}
	return false;
}

static void check_unknown(const struct conf_entry *const *tables,
			  struct problems *p)
{
	const size_t suffix = strlen(FILE_SUFFIX);

	for (char **env = environ; env && *env; env++) {
		size_t len = strcspn(*env, "=");

		if (strncmp(*env, PREFIX, strlen(PREFIX)) != 0 ||
		    in_tables(tables, *env, len))
			continue;
		if (len > suffix &&
		    memcmp(*env + len - suffix, FILE_SUFFIX, suffix) == 0 &&
		    in_tables(tables, *env, len - suffix))
			continue;
		add_problem(p, "%.*s: no such variable",
			    (int)(len < NAME_MAX_BYTES ? len : NAME_MAX_BYTES),
			    *env);
	}
}

/* --- values -------------------------------------------------------------- */

/* The content without one newline at the end; NULL and a problem if not. */
static char *read_value(const char *name, const char *path, struct problems *p)
{
	char *text = malloc(FILE_MAX_BYTES + 1);
	FILE *f = fopen(path, "re");
	size_t len = 0;

	if (f && text)
		len = fread(text, 1, FILE_MAX_BYTES + 1, f);
	if (!f || !text || ferror(f)) {
		add_problem(p, "%s%s: cannot read the file: %s", name,
			    FILE_SUFFIX, strerror(errno));
	} else if (len > FILE_MAX_BYTES || memchr(text, 0, len)) {
		add_problem(p, "%s%s: the file is above 64 KiB or holds NUL",
			    name, FILE_SUFFIX);
	} else {
		if (len > 0 && text[len - 1] == '\n')
			len--;
		text[len] = '\0';
		fclose(f);
		return text;
	}
	if (f)
		fclose(f);
	free(text);
	return NULL;
}

/* The text of an entry, owned by the caller; NULL: a problem was added. */
static char *find_value(const struct conf_entry *e, struct problems *p)
{
	char file_name[NAME_MAX_BYTES];
	const char *value = getenv(e->name), *path;
	char *text;

	snprintf(file_name, sizeof(file_name), "%s%s", e->name, FILE_SUFFIX);
	path = getenv(file_name);
	if (value && path) {
		add_problem(p, "%s: set together with %s", e->name, file_name);
		return NULL;
	}
	if (path) {
		text = read_value(e->name, path, p);
		if (!text)
			return NULL;
	} else {
		if (!value)
			value = e->fallback;
		text = strdup(value ? value : "");
		if (!text) {
			add_problem(p, "%s: no memory", e->name);
			return NULL;
		}
	}
	if (!e->fallback && text[0] == '\0') {
		add_problem(p, "%s: required: %s", e->name, e->help);
		free(text);
		return NULL;
	}
	return text;
}

static void set_int(const struct conf_entry *e, const char *text,
		    int64_t *value_r, struct problems *p)
{
	char *end;
	long long v;

	errno = 0;
	v = strtoll(text, &end, 10);
	/* strtoll also takes blanks in front */
	if (text[strspn(text, "+-0123456789")] != '\0' || end == text ||
	    *end != '\0' || errno != 0 || v < e->min || v > e->max) {
		add_problem(p, "%s: not a whole number from %lld to %lld: %s",
			    e->name, (long long)e->min, (long long)e->max,
			    e->help);
		return;
	}
	*value_r = v;
}

static void load_entry(const struct conf_entry *e, void *base,
		       struct problems *p)
{
	void *field = (char *)base + e->offset;
	char *text = find_value(e, p);

	if (e->type == CONF_STRING) {
		*(char **)field = text;
		return;
	}
	if (text)
		set_int(e, text, field, p);
	free(text);
}

int conf_load(const struct conf_entry *const *tables, void *base,
	      struct error *err)
{
	struct problems p = { .len = 0 };

	check_unknown(tables, &p);
	for (int i = 0; tables[i]; i++) {
		for (const struct conf_entry *e = tables[i]; e->name; e++)
			load_entry(e, base, &p);
	}
	if (p.told == 0)
		return 0;
	conf_unload(tables, base);
	if (p.untold > 0)
		return error_set(err, "%s; and %d more", p.text, p.untold);
	return error_set(err, "%s", p.text);
}

int conf_key(const char *variable, const char *hex, uint8_t *key_r,
	     size_t bytes, struct error *err)
{
	size_t len = 0;

	if (strlen(hex) == 2 * bytes &&
	    sodium_hex2bin(key_r, bytes, hex, 2 * bytes, NULL, &len, NULL) ==
		    0 &&
	    len == bytes)
		return 0;
	return error_set(err, "%s: wants %zu hex digits", variable, 2 * bytes);
}

void conf_unload(const struct conf_entry *const *tables, void *base)
{
	for (; *tables; tables++) {
		for (const struct conf_entry *e = *tables; e->name; e++) {
			char **field =
				(char **)(void *)((char *)base + e->offset);

			if (e->type != CONF_STRING)
				continue;
			free(*field);
			*field = NULL;
		}
	}
}
