/* desk_check.c -- the fields of the desk's requests, before any look-up. Pure.
 * Sentences name the limit, never a value.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "desk.h"
#include "timeutil.h"

#define NAME_MAX_BYTES 256
#define LIST_MAX 50
#define TITLE_MAX_BYTES 512
#define VIEW_VALUE_MAX_BYTES 512
#define CAPACITY_MAX 10000
/* 2100-01-01: an absence is planned */
#define TIME_MAX_US (INT64_C(4102444800) * US_PER_S)

__attribute__((format(printf, 3, 4))) static bool
bad(struct desk_fault *fault_r, const char *field, const char *fmt, ...)
{
	va_list args;

	snprintf(fault_r->field, sizeof(fault_r->field), "%s", field);
	va_start(args, fmt);
	vsnprintf(fault_r->text, sizeof(fault_r->text), fmt, args);
	va_end(args);
	return false;
}

/* "texts[3].lang" */
static const char *path(char buf[48], const char *list, size_t i,
			const char *rest)
{
	snprintf(buf, 48, "%s[%zu]%s", list, i, rest);
	return buf;
}

static bool has_control(const char *text, bool lines)
{
	const unsigned char *s = (const unsigned char *)text;

	for (; *s != '\0'; s++) {
		if (lines && (*s == '\n' || *s == '\t' || *s == '\r'))
			continue;
		if (*s < 0x20 || *s == 0x7f ||
		    (s[0] == 0xc2 && s[1] >= 0x80 && s[1] < 0xa0))
			return true;
	}
	return false;
}

static bool line_good(const char *text, size_t max, const char *field,
		      struct desk_fault *fault_r)
{
	if (strlen(text) > max)
		return bad(fault_r, field, "is longer than %zu bytes", max);
	if (has_control(text, false))
		return bad(fault_r, field, "has a control character");
	return true;
}

static bool page_good(const char *text, size_t max, const char *field,
		      struct desk_fault *fault_r)
{
	if (text[0] == '\0')
		return bad(fault_r, field, "is missing");
	if (strlen(text) > max)
		return bad(fault_r, field, "is longer than %zu bytes", max);
	if (has_control(text, true))
		return bad(fault_r, field, "has a control character");
	return true;
}

/* A code of a path, and of "owner/code". */
bool desk_code_good(const char *code, const char *field,
		    struct desk_fault *fault_r)
{
	if (code[0] == '\0')
		return bad(fault_r, field, "is missing");
	if (!line_good(code, CODE_MAX, field, fault_r))
		return false;
	if (strchr(code, '/') != NULL || strcmp(code, "-") == 0)
		return bad(fault_r, field, "is a hyphen alone or has a slash");
	return true;
}

static bool codes_good(char *const *codes, size_t n, const char *list,
		       struct desk_fault *fault_r)
{
	char at[48];

	if (n > LIST_MAX)
		return bad(fault_r, list, "has more than %d elements",
			   LIST_MAX);
	for (size_t i = 0; i < n; i++)
		if (!desk_code_good(codes[i], path(at, list, i, ""), fault_r))
			return false;
	return true;
}

static bool lang_good(const char *lang, const char *list, size_t i,
		      const char *rest, struct desk_fault *fault_r)
{
	char at[48];

	return strcmp(lang, "ru") == 0 || strcmp(lang, "zh") == 0 ||
	       strcmp(lang, "en") == 0 ||
	       bad(fault_r, path(at, list, i, rest), "is none of ru, zh, en");
}

static bool labels_good(Sy__V1__Label *const *labels, size_t n,
			const char *list, struct desk_fault *fault_r)
{
	char at[48];

	for (size_t i = 0; i < n; i++) {
		if (!lang_good(labels[i]->lang, list, i, ".lang", fault_r))
			return false;
		for (size_t j = 0; j < i; j++)
			if (strcmp(labels[i]->lang, labels[j]->lang) == 0)
				return bad(fault_r, path(at, list, i, ".lang"),
					   "is there twice");
	}
	return true;
}

bool template_check(const Sy__V1__PutTemplateRequest *req,
		    struct desk_fault *fault_r)
{
	char at[48], buf[FIELD_FAULT_MAX];

	if (!desk_code_good(req->code, "code", fault_r) ||
	    !line_good(req->unit, CODE_MAX, "unit", fault_r) ||
	    !labels_good(req->names, req->n_names, "names", fault_r) ||
	    !labels_good(req->texts, req->n_texts, "texts", fault_r) ||
	    !codes_good(req->topics, req->n_topics, "topics", fault_r) ||
	    !codes_good(req->kinds, req->n_kinds, "kinds", fault_r))
		return false;
	for (size_t i = 0; i < req->n_names; i++)
		if (!line_good(req->names[i]->text, NAME_MAX_BYTES,
			       path(at, "names", i, ".text"), fault_r))
			return false;
	if (req->n_texts == 0)
		return bad(fault_r, "texts", "is missing");
	for (size_t i = 0; i < req->n_texts; i++) {
		const char *text = req->texts[i]->text, *fault;

		path(at, "texts", i, ".text");
		if (!page_good(text, TEXT_MAX, at, fault_r))
			return false;
		fault = template_fault(text, buf);
		if (fault != NULL)
			return bad(fault_r, at, "%s", fault);
	}
	return true;
}

bool article_check(const Sy__V1__PutArticleRequest *req,
		   struct desk_fault *fault_r)
{
	char at[48];

	if (!desk_code_good(req->code, "code", fault_r) ||
	    !line_good(req->unit, CODE_MAX, "unit", fault_r) ||
	    (req->parent[0] != '\0' &&
	     !desk_code_good(req->parent, "parent", fault_r)) ||
	    !codes_good(req->topics, req->n_topics, "topics", fault_r) ||
	    !codes_good(req->kinds, req->n_kinds, "kinds", fault_r))
		return false;
	if (req->n_texts == 0)
		return bad(fault_r, "texts", "is missing");
	for (size_t i = 0; i < req->n_texts; i++) {
		const Sy__V1__ArticleText *t = req->texts[i];

		if (!lang_good(t->lang, "texts", i, ".lang", fault_r))
			return false;
		for (size_t j = 0; j < i; j++)
			if (strcmp(t->lang, req->texts[j]->lang) == 0)
				return bad(fault_r,
					   path(at, "texts", i, ".lang"),
					   "is there twice");
		path(at, "texts", i, ".title");
		if (t->title[0] == '\0')
			return bad(fault_r, at, "is missing");
		if (!line_good(t->title, TITLE_MAX_BYTES, at, fault_r) ||
		    !page_good(t->body, TEXT_MAX, path(at, "texts", i, ".body"),
			       fault_r))
			return false;
	}
	return true;
}

bool view_check(const Sy__V1__PutViewRequest *req, struct desk_fault *fault_r)
{
	char at[48];

	if (!desk_code_good(req->code, "code", fault_r) ||
	    !line_good(req->unit, CODE_MAX, "unit", fault_r) ||
	    !line_good(req->name, NAME_MAX_BYTES, "name", fault_r) ||
	    !codes_good(req->columns, req->n_columns, "columns", fault_r))
		return false;
	if (req->name[0] == '\0')
		return bad(fault_r, "name", "is missing");
	if (req->n_filter > LIST_MAX)
		return bad(fault_r, "filter", "has more than %d elements",
			   LIST_MAX);
	for (size_t i = 0; i < req->n_filter; i++) {
		const Sy__V1__ViewField *f = req->filter[i];

		path(at, "filter", i, ".field");
		/* where a page begins is no part of a view */
		if (strcmp(f->field, "cursor") == 0 ||
		    protobuf_c_message_descriptor_get_field_by_name(
			    &sy__v1__list_appeals_request__descriptor,
			    f->field) == NULL)
			return bad(fault_r, at, "is no field of a list");
		for (size_t j = 0; j < i; j++)
			if (strcmp(f->field, req->filter[j]->field) == 0)
				return bad(fault_r, at, "is there twice");
		if (!line_good(f->value, VIEW_VALUE_MAX_BYTES,
			       path(at, "filter", i, ".value"), fault_r))
			return false;
	}
	return true;
}

static bool time_good(int64_t us, const char *field, struct desk_fault *fault_r)
{
	if (us != 0 && (us < TIME_MIN_US || us > TIME_MAX_US))
		return bad(fault_r, field, "lies outside of this age");
	return true;
}

bool seat_check(const Sy__V1__PutSeatRequest *req, struct desk_fault *fault_r)
{
	if (!desk_code_good(req->code, "code", fault_r) ||
	    !line_good(req->unit, CODE_MAX, "unit", fault_r) ||
	    !line_good(req->department, CODE_MAX, "department", fault_r) ||
	    !codes_good(req->skills, req->n_skills, "skills", fault_r) ||
	    !line_good(req->deputy, CODE_MAX, "deputy", fault_r) ||
	    !time_good(req->away_from_us, "away_from_us", fault_r) ||
	    !time_good(req->away_to_us, "away_to_us", fault_r))
		return false;
	if (req->capacity > CAPACITY_MAX)
		return bad(fault_r, "capacity", "is more than %d",
			   CAPACITY_MAX);
	if (req->away_to_us != 0 && req->away_to_us <= req->away_from_us)
		return bad(fault_r, "away_to_us", "lies before away_from_us");
	if (strcmp(req->deputy, req->code) == 0)
		return bad(fault_r, "deputy", "is the seat itself");
	return true;
}

bool draft_check(const Sy__V1__SaveDraftRequest *req,
		 struct desk_fault *fault_r)
{
	if (!desk_code_good(req->kind, "kind", fault_r) ||
	    !line_good(req->template_, CODE_MAX, "template", fault_r))
		return false;
	if (strlen(req->text) > TEXT_MAX)
		return bad(fault_r, "text", "is longer than %d bytes",
			   TEXT_MAX);
	return true;
}
