/* search.h -- full-text search over what was said in a case: the question
 * (search_query.c), the index that a loop in the background fills
 * (search_index.c), and what a hit looks like (search_excerpt.c). The work list
 * (list.c) asks by it. */
#ifndef SUYUAN_SEARCH_H
#define SUYUAN_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "db/db.h"
#include "suyuan/v1/complaints.pb-c.h"
#include "text/words.h"

/* --- search_query.c: pure --- */

/* What somebody types: words, "a phrase", -without. Words are all to be there;
 * the last one may be its beginning only, while it is being typed. */
struct question {
	const char *tsquery;
	struct term_list hits; /* what an excerpt shows */
	bool last_is_prefix;   /* of hits */
};

#define QUESTION_WORDS_MAX 32
#define QUESTION_MAX_BYTES 1000

/* NULL: done, else a sentence that says what is wrong with it. */
const char *question_read(struct words *w, struct arena *arena,
			  const char *text, struct question *q_r);

/* A text that grows, in the arena. */
struct text_buf {
	struct arena *arena;
	char *text;
	size_t len, size;
};
void buf_add(struct text_buf *b, const char *text, size_t len);
void buf_add_text(struct text_buf *b, const char *text);
/* As tsvector and tsquery read it: in quotes. */
void buf_add_lexeme(struct text_buf *b, const char *lexeme);
/* The words of a text with their places from position on, which goes on behind
 * them. False: no more goes in. */
bool buf_add_words(struct text_buf *b, struct words *w, const char *text,
		   int *position);

/* --- search_excerpt.c: pure --- */

/* A few words around the best hit in text. False: there is none. */
bool excerpt_make(struct words *w, struct arena *arena,
		  const struct question *q, const char *text,
		  Sy__V1__AppealRow *row);

/* --- search_index.c --- */

struct complaints;
struct search;

/* What of a case is found by its codes: a lexeme like "kind=complaint", which
 * no word can be. */
enum search_code {
	SEARCH_KIND,
	SEARCH_CHANNEL,
	SEARCH_TOPIC,
	SEARCH_ELEMENT,
	SEARCH_PRODUCT,
	SEARCH_SEGMENT,
	SEARCH_DEPARTMENT,
	SEARCH_HANDLER,
	SEARCH_STATE,
	SEARCH_ESCALATION,
	SEARCH_FLAG, /* breached, green, repeat */
	SEARCH_IN,   /* every unit that it lies below, its own too */
	SEARCH_SPAN, /* which 32 days since 1970 */
	SEARCH_CODES_NR,
};
extern const char *const search_code_names[SEARCH_CODES_NR];
void search_add_code(struct text_buf *b, enum search_code code,
		     const char *value);

/* Cases of so many days share a span. */
#define SEARCH_SPAN_DAYS 32
int search_span(int64_t registered_at_us);

int search_open(struct search **s_r, struct complaints *svc, struct error *err);
void search_close(struct search **s);
struct words *search_words(const struct search *s);

/* search_store.c: of the indexer's own connection. */
enum search_sql {
	SEARCH_FOLLOW,
	SEARCH_TAKE,
	SEARCH_TEXTS,
	SEARCH_PUT,
	SEARCH_DONE,
	SEARCH_SQL_NR,
};
extern const struct db_statement search_sql[SEARCH_SQL_NR];

#endif
