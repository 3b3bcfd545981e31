/* watches.h -- watch rules (S4): boolean queries that are asked of every
 * mention. The language is text/watch.h; here are the rules as people keep
 * them, what they find, and what people say of that.
 *
 *	PutWatch -> watch, setting "watch" -> each replica: one set, swapped in
 *	mention -> prepare: watches_match -> facts.watches -> hits, reactions
 */
#ifndef SUYUAN_SOCIAL_WATCHES_H
#define SUYUAN_SOCIAL_WATCHES_H

#include "feeds.h"
#include "mentions.h"
#include "settings.h"
#include "text/watch.h"

/* --- watch_rules.c: pure --- */

#define WATCHES_MAX 20000 /* in use */
/* Of one mention; what finds more than these says nothing of it. */
#define WATCHES_OF_MENTION 200

struct watch_fault {
	Sy__V1__ErrorCode code;
	char field[64];
	char text[320];
};
/* All but the query and what the directory knows. */
bool watch_check(const Sy__V1__Watch *watch, struct watch_fault *fault_r);
/* As names are compared: language and folded text. */
const char *watch_name_key(struct arena *arena, const Sy__V1__Label *name);

/* A rule as it was asked about: well-formed, and what it says. */
struct watch_query {
	bool good;
	uint32_t column; /* of the problem; 0: of no place */
	char problem[320];
	const char *formatted;
	struct watch_value_list values;
};
void watch_query_read(struct arena *arena, const char *query,
		      struct watch_query *q_r);
/* One rule as a set of its own; it is refused where it finds everything. */
int watch_query_compile(const char *query, struct watch_query *q,
			struct watch_set **set_r,
			struct watch_scratch **scratch_r);
/* The problem as one sentence with its column. */
const char *watch_problem_text(struct arena *arena,
			       const struct watch_query *q);
/* Not those of topic: and unit:, which the directory knows. False: none of the
 * codes of this field. */
bool watch_value_known(const struct watch_value *value);

struct watch_hit {
	const char *code;
	int32_t hour;
	int64_t hits;
};
struct watch_hit_list {
	struct watch_hit *h;
	size_t n;
};
/* after - before over all mentions of a batch; zeroes are left out. */
struct watch_hit_list watch_hits_sum(struct arena *arena,
				     const struct mention *first);

/* --- watches_live.c: the rules in use on this replica --- */

struct watch_book;
extern struct setting watches_setting;
void watches_open(struct social *svc);
void watches_close(struct social *svc);

/* facts have unit and source; author "" = unknown. */
void watch_subject_make(const struct social *svc, struct arena *arena,
			const Sy__V1__MentionFacts *facts, const char *author,
			const struct text *normal,
			struct watch_subject *subject_r);
/* The rules that the mention matches come into u->facts.watches. */
void watches_match(struct social *svc, struct arena *arena,
		   const Sy__V1__PutMentionRequest *mention,
		   struct understanding *u);
/* A rule of these facts that is in use and wants a reaction; NULL: none. */
const char *watches_reaction(const struct social *svc,
			     const Sy__V1__MentionFacts *facts);
/* False: the directory has no such code (and confirmed it, or not). */
bool watch_values_good(const struct social *svc, struct watch_query *q);

struct watch_spans {
	Sy__V1__TextSpan **s;
	size_t n;
};
/* Where in the mention's text a rule of the last match of this scratch found
 * something. mapped is the subject's text. */
struct watch_spans watch_spans_of(struct watch_scratch *scratch,
				  struct arena *arena, uint32_t rule,
				  const struct text *mapped, const char *title,
				  const char *text);
/* Fills m->matched, of the rules that are in use still. */
void watches_show(const struct social *svc, struct arena *arena,
		  Sy__V1__Mention *m);

/* --- watches_store.c, watches_decide.c --- */

#define WATCHES_SQL_FIRST FEEDS_SQL_END
enum watches_sql {
	WATCHES_SQL_READ = WATCHES_SQL_FIRST,
	WATCHES_SQL_NAMES,
	WATCHES_SQL_COUNT,
	WATCHES_SQL_READ_HITS,
	WATCHES_SQL_PUT,
	WATCHES_SQL_JUDGE,
	WATCHES_SQL_HITS,
	WATCHES_SQL_VERSIONS,
	WATCHES_SQL_END,
};
extern const struct db_statement
	watches_sql[WATCHES_SQL_END - WATCHES_SQL_FIRST];
extern const char watches_select_sql[];
extern const struct part watches_part;

struct watch_list_ask {
	const char *root; /* of the subtree; "": everything */
	const char *after;
	bool ended;
	uint32_t limit;
};
/* Stored, hits, judged, right; one row more than the limit. */
void watches_put_list(struct db_pipe *pipe, const struct watch_list_ask *ask);
/* How many mentions there are in [from, to) hours: of the counts. */
void watches_put_total(struct db_pipe *pipe, const char *root, int64_t from_us,
		       int64_t to_us);

/* --- watch_list.c --- */

void handle_list_watches(struct bus_request *req);
void handle_list_watch_versions(struct bus_request *req);

/* --- watch_scan.c: a rule over what is stored --- */

void handle_preview_watch(struct bus_request *req);
struct mention_list_ask;
/* ListMentions with a query; ask is filled but for its limit. */
void watch_scan_list(struct bus_request *req,
		     const struct mention_list_ask *ask, size_t limit);

#endif
