/* lexicon_file.c -- word lists from their tables, see lexicon.h. Lines are read
 * twice: the languages are known before the first row for all of them is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <csv.h>
#include <unicode/ustring.h>

#include "text/lexicon_internal.h"

#define FIELDS 5
#define FIELD_MAX_BYTES 255
#define NAME_MAX_BYTES 63
#define WEIGHT_MAX 100

struct row {
	const char *field[FIELDS]; /* lang, head, label, pattern, weight */
	const char *file;
	size_t line;
};

struct reading {
	struct lexicon *l;
	struct arena rows_arena;
	struct row *rows;
	size_t n, size;
	/* the row that is being read */
	struct row row;
	size_t fields, line, began;
	const char *file;
	const char *wrong; /* or NULL */
};

/* --- rows --- */

static void field_cb(void *bytes, size_t len, void *arg)
{
	struct reading *r = arg;

	if (r->fields < FIELDS && len <= FIELD_MAX_BYTES) {
		char *field = arena_alloc(&r->rows_arena, len + 1);

		memcpy(field, bytes, len);
		r->row.field[r->fields] = field;
	} else if (r->wrong == NULL) {
		r->wrong = len > FIELD_MAX_BYTES ? "a field is too long"
						 : "more than five fields";
	}
	r->fields++;
}

static bool is_header(const struct row *row)
{
	static const char *const names[FIELDS] = { "lang", "head", "label",
						   "pattern", "weight" };

	for (size_t i = 0; i < FIELDS; i++)
		if (strcmp(row->field[i], names[i]) != 0)
			return false;
	return true;
}

static void row_cb(int c, void *arg)
{
	struct reading *r = arg;

	(void)c;
	if (r->wrong == NULL && r->fields != FIELDS)
		r->wrong = "five fields are expected";
	if (r->wrong == NULL && r->line == 0 && !is_header(&r->row))
		r->wrong = "expected lang,head,label,pattern,weight";
	if (r->wrong == NULL && r->n == LEXICON_ROWS_MAX)
		r->wrong = "too many rows";
	if (r->wrong == NULL && r->line > 0) {
		if (r->n == r->size) {
			struct row *more;

			r->size = r->size == 0 ? 1024 : 2 * r->size;
			more = arena_alloc(&r->rows_arena,
					   r->size * sizeof(*more));
			if (r->n > 0)
				memcpy(more, r->rows, r->n * sizeof(*more));
			r->rows = more;
		}
		r->row.file = r->file;
		r->row.line = r->line + 1;
		r->rows[r->n++] = r->row;
	}
	if (r->wrong == NULL)
		r->line++;
	r->fields = 0;
}

static int read_file(struct reading *r, const struct lexicon_file *f,
		     struct error *err)
{
	UErrorCode status = U_ZERO_ERROR;
	struct csv_parser csv;
	int32_t units;

	u_strFromUTF8(NULL, 0, &units, f->csv, (int32_t)f->len, &status);
	if (status != U_BUFFER_OVERFLOW_ERROR && U_FAILURE(status))
		return error_set(err, "%s: no UTF-8", f->name);
	if (csv_init(&csv, CSV_STRICT | CSV_STRICT_FINI) != 0)
		return error_set(err, "%s: no memory", f->name);
	r->file = f->name;
	r->line = 0;
	if (csv_parse(&csv, f->csv, f->len, field_cb, row_cb, r) != f->len ||
	    csv_fini(&csv, field_cb, row_cb, r) != 0) {
		if (r->wrong == NULL)
			r->wrong = "a quotation mark in the wrong place";
	}
	csv_free(&csv);
	if (r->wrong != NULL)
		return error_set(err, "%s: row %zu: %s", f->name, r->line + 1,
				 r->wrong);
	return 0;
}

/* --- what they say --- */

static int wrong(const struct row *row, const char *what, struct error *err)
{
	return error_set(err, "%s: row %zu: %s", row->file, row->line, what);
}

static struct lexicon_lang *lang_made(struct lexicon *l, const char *code)
{
	for (size_t i = 0; i < l->langs_nr; i++)
		if (strcmp(l->langs[i].code, code) == 0)
			return &l->langs[i];
	if (l->langs_nr == LEXICON_LANGS_MAX)
		return NULL;
	l->langs[l->langs_nr].code = arena_strdup(&l->arena, code);
	return &l->langs[l->langs_nr++];
}

static int head_made(struct lexicon *l, const char *name)
{
	for (size_t i = 0; i < l->heads_nr; i++)
		if (strcmp(l->heads[i].name, name) == 0)
			return (int)i;
	if (l->heads_nr == LEXICON_HEADS_MAX)
		return -1;
	l->heads[l->heads_nr].name = arena_strdup(&l->arena, name);
	return (int)l->heads_nr++;
}

static int label_made(struct lexicon *l, struct lexicon_head *h,
		      const char *name)
{
	for (size_t i = 0; i < h->labels_nr; i++)
		if (strcmp(h->labels[i], name) == 0)
			return (int)i;
	if (h->labels_nr == LEXICON_LABELS_MAX)
		return -1;
	h->labels[h->labels_nr] = arena_strdup(&l->arena, name);
	return (int)h->labels_nr++;
}

static bool is_name(const char *field)
{
	size_t n = strlen(field);

	return n > 0 && n <= NAME_MAX_BYTES;
}

static int weight_of(const char *field, double *weight_r)
{
	char *end;

	*weight_r = strtod(field, &end);
	return field[0] == '\0' || *end != '\0' ||
			       !(fabs(*weight_r) <= WEIGHT_MAX)
		       ? -1
		       : 0;
}

static int take_rule(struct lexicon *l, const struct row *row,
		     struct lexicon_rule *rule, struct error *err)
{
	const char *head = row->field[1];

	if (weight_of(row->field[4], &rule->weight) < 0)
		return wrong(row, "weight is no number from -100 to 100", err);
	if (strcmp(head, "negator") == 0) {
		rule->head = LEXICON_NEGATOR;
		return row->field[2][0] == '\0'
			       ? 0
			       : wrong(row, "a negator has no label", err);
	}
	if (!is_name(head) || !is_name(row->field[2]))
		return wrong(row, "head or label is empty or too long", err);
	rule->head = head_made(l, head);
	if (rule->head < 0)
		return wrong(row, "too many heads", err);
	rule->label = label_made(l, &l->heads[rule->head], row->field[2]);
	if (rule->label < 0)
		return wrong(row, "too many labels", err);
	return 0;
}

static int put_rule(struct lexicon *l, struct lexicon_lang *lang,
		    struct arena *scratch, const struct row *row,
		    uint32_t number, struct error *err)
{
	const struct lexicon_rule *rule = &l->rules[number];
	struct error why;

	if (rule->head >= 0)
		lang->heads |= 1u << rule->head;
	if (row->field[3][0] == '\0') {
		if (rule->head < 0)
			return wrong(row, "a negator needs a pattern", err);
		lang->base[rule->head][rule->label] = rule->weight;
		return 0;
	}
	if (phrases_add(lang->phrases, scratch, row->field[3], number, &why) <
	    0)
		return wrong(row, why.text, err);
	return 0;
}

static int take_rows(struct reading *r, struct error *err)
{
	struct lexicon *l = r->l;
	struct arena scratch;
	int rc = 0;

	lang_made(l, "*");
	for (size_t i = 0; i < r->n; i++) {
		if (!is_name(r->rows[i].field[0]))
			return wrong(&r->rows[i], "no language", err);
		if (lang_made(l, r->rows[i].field[0]) == NULL)
			return wrong(&r->rows[i], "too many languages", err);
	}
	for (size_t i = 0; i < l->langs_nr; i++)
		if (phrases_open(&l->langs[i].phrases, PHRASES_STARS, r->n,
				 err) < 0)
			return -1;
	l->rules = arena_alloc(&l->arena, (r->n + 1) * sizeof(*l->rules));
	arena_init(&scratch);
	for (size_t i = 0; i < r->n && rc == 0; i++) {
		const struct row *row = &r->rows[i];
		bool all = strcmp(row->field[0], "*") == 0;

		rc = take_rule(l, row, &l->rules[i], err);
		for (size_t k = 0; k < l->langs_nr && rc == 0; k++)
			if (all || strcmp(l->langs[k].code, row->field[0]) == 0)
				rc = put_rule(l, &l->langs[k], &scratch, row,
					      (uint32_t)i, err);
		arena_reset(&scratch);
	}
	l->rules_nr = r->n;
	return rc;
}

int lexicon_load(struct lexicon **l_r, const struct lexicon_file *files,
		 size_t n, struct error *err)
{
	struct reading r = { .l = calloc(1, sizeof(*r.l)) };
	int rc = 0;

	*l_r = NULL;
	if (r.l == NULL)
		return error_set(err, "lexicon: no memory");
	arena_init(&r.l->arena);
	arena_init(&r.rows_arena);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = read_file(&r, &files[i], err);
	if (rc == 0)
		rc = take_rows(&r, err);
	arena_reset(&r.rows_arena);
	if (rc < 0) {
		lexicon_close(r.l);
		return -1;
	}
	*l_r = r.l;
	return 0;
}
