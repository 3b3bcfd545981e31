/* rejects.c -- see rejects.h. */
#include "rejects.h"

#include <csv.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHOWN_MAX 20

struct rejects {
	FILE *file;
	const char *path; /* borrowed */
	uint64_t count;
};

int rejects_open(struct rejects **r_r, const char *path, struct error *err)
{
	struct rejects *r = calloc(1, sizeof(*r));

	*r_r = r;
	if (!r)
		abort();
	if (!path)
		return 0;
	r->path = path;
	r->file = fopen(path, "we");
	if (!r->file) {
		error_set(err, "%s: %s", path, strerror(errno));
		free(r);
		*r_r = NULL;
		return -1;
	}
	fputs("file,line,type,field,code,reason\n", r->file);
	return 0;
}

static void write_row(struct rejects *r, const char *const *texts, size_t n,
		      uint64_t line)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			fputc(',', r->file);
		csv_fwrite(r->file, texts[i], strlen(texts[i]));
		if (i == 0)
			fprintf(r->file, ",%llu", (unsigned long long)line);
	}
	fputc('\n', r->file);
}

void rejects_add(struct rejects *r, const char *file, uint64_t line,
		 const char *type, const char *field, const char *code,
		 const char *reason)
{
	const char *const texts[] = { file, type, field, code, reason };

	if (r->file)
		write_row(r, texts, sizeof(texts) / sizeof(texts[0]), line);
	if (r->count++ >= SHOWN_MAX)
		return;
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	fprintf(stderr, "%s%s%llu: %s%s%s%s%s: %s\n", *file ? file : "line",
		*file ? ":" : " ", (unsigned long long)line, type,
		*type ? " " : "", field, *field ? ": " : "", code, reason);
	if (r->count == SHOWN_MAX)
		fputs(r->file ? "further ones only in the file\n"
			      : "further ones only with --rejects FILE\n",
		      stderr);
}

uint64_t rejects_count(const struct rejects *r)
{
	return r->count;
}

int rejects_close(struct rejects **r, struct error *err)
{
	int status = 0;

	if (!r || !*r)
		return 0;
	if ((*r)->file && (ferror((*r)->file) | (fclose((*r)->file) != 0)))
		status = error_set(err, "%s: %s", (*r)->path, strerror(errno));
	free(*r);
	*r = NULL;
	return status;
}
