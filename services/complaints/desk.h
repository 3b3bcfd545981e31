/* desk.h -- what handlers have around their cases: templates of answers, the
 * knowledge base, saved views, seats (keyed records in versions), drafts,
 * presence, rating links. desk_rules.c and desk_check.c are pure, desk_decide.c
 * judges records, desk_store.c holds every statement, the rest answers methods.
 */
#ifndef SUYUAN_COMPLAINTS_DESK_H
#define SUYUAN_COMPLAINTS_DESK_H

#include "bus/parts.h"
#include "complaints.h"
#include "suyuan/v1/complaints_desk.pb-c.h"
#include "template_fill.h"

/* Stored: never renumber. */
enum desk_kind {
	DESK_TEMPLATE = 1,
	DESK_ARTICLE = 2,
	DESK_VIEW = 3,
	DESK_SEAT = 4,
};

/* --- desk_rules.c: the life of a record's versions --- */

/* Version numbers, 0: none. */
struct desk_life {
	uint32_t last, draft, approved;
	const char *draft_author;
};
/* What may be done to a version; false and problem_r: may not. */
bool desk_may_decide(const struct desk_life *life, uint32_t version,
		     Sy__V1__DeskState wanted, const char *by,
		     struct problem *problem_r);

/* --- desk_rules.c: whose case it will be --- */

#define NEED_CODES_NR 4
struct seat {
	const char *principal;
	const char *department; /* "" = any */
	char *const *skills;    /* none: all */
	size_t skills_nr;
	uint32_t capacity; /* 0: no limit */
	int64_t away_from_us, away_to_us;
	const char *deputy; /* "" = nobody */
	uint32_t load;
	bool serves_unit; /* of the case */
};
struct seat_need {
	const char *department; /* "" = any */
	/* topic, product, segment, kind of the case */
	const char *code[NEED_CODES_NR];
};
bool seat_away(const struct seat *seat, int64_t now_us);
/* Department and skills; not load, absence, unit. */
bool seat_skilled(const struct seat *seat, const struct seat_need *need);
/* The one with the least to do of those who are there, have room, and fit or
 * are the deputy of one who fits and is away. NULL: none. */
const struct seat *seat_pick(const struct seat *seats, size_t n,
			     const struct seat_need *need, int64_t now_us);

/* --- desk_check.c: the fields of a request, before any look-up --- */

struct desk_fault {
	char field[64];
	char text[160];
};
bool desk_code_good(const char *code, const char *field,
		    struct desk_fault *fault_r);
bool template_check(const Sy__V1__PutTemplateRequest *req,
		    struct desk_fault *fault_r);
bool article_check(const Sy__V1__PutArticleRequest *req,
		   struct desk_fault *fault_r);
bool view_check(const Sy__V1__PutViewRequest *req, struct desk_fault *fault_r);
bool seat_check(const Sy__V1__PutSeatRequest *req, struct desk_fault *fault_r);
bool draft_check(const Sy__V1__SaveDraftRequest *req,
		 struct desk_fault *fault_r);

/* --- desk_decide.c, desk_records.c: records in a batch --- */

/* A version that is stored, or is to be. */
struct desk_version {
	uint32_t version;
	Sy__V1__DeskState state, state_read;
	const char *author;
	const char *decided_by;
	const char *typed; /* of a view: what may name a customer */
	ProtobufCBinaryData body;
	const ProtobufCMessage *request; /* NULL: it is stored */
	struct desk_version *next;
};

struct desk_record {
	enum desk_kind kind;
	const char *code;
	int64_t revision_read, revision;
	const char *owner, *unit;
	const char *parent; /* of an article */
	uint32_t last;
	/* The live ones, as read, and all that the batch makes. */
	struct desk_version *versions;
	struct desk_record *next;
};

struct desk_records {
	struct arena *arena;
	struct desk_record *first, **end;
	bool trim;
};

enum desk_act { ACT_PUT, ACT_DECIDE, ACT_DROP, ACT_TRIM };

/* What an item asks for, in the shape that all of them share. */
struct desk_asked {
	enum desk_kind kind;
	enum desk_act act;
	const char *code; /* as it is stored */
	const char *unit;
	const char *parent;
	uint32_t version;
	Sy__V1__DeskState state;
};
void desk_asked_read(struct desk_asked *asked_r, const struct bus_item *item,
		     struct arena *arena);
/* "owner/code" */
char *view_key(struct arena *arena, const char *owner, const char *code);
bool desk_request_check(const struct bus_item *item,
			struct desk_fault *fault_r);

struct desk_record *records_find(const struct desk_records *records,
				 enum desk_kind kind, const char *code);
struct desk_record *records_add(struct desk_records *records,
				enum desk_kind kind, const char *code);

enum bus_decision desk_decide(void *svc, struct bus_batch *batch,
			      const struct db_result *res, int first,
			      bool directory_fresh);

extern const struct part desk_part;

/* desk_methods.c; the rows of what is written through batches come first. */
enum desk_method {
	DESK_PUT_TEMPLATE,
	DESK_DECIDE_TEMPLATE,
	DESK_PUT_ARTICLE,
	DESK_DECIDE_ARTICLE,
	DESK_PUT_VIEW,
	DESK_DROP_VIEW,
	DESK_PUT_SEAT,
	DESK_DROP_SEAT,
	DESK_TRIM,
	DESK_WRITES_NR,
};
extern const struct bus_method desk_methods[];

/* --- what the handlers share (desk_reach.c) --- */

/* Does the grant's subtree lie in the unit's, or the other way round? Who is
 * above or below may use what belongs to the unit. "" is everybody's. */
bool desk_visible(const struct replica *replica, const struct bus_grant *grant,
		  const char *unit);
/* May one with this grant change what belongs to the unit? */
bool desk_governs(const struct replica *replica, const struct bus_grant *grant,
		  const char *unit);

/* A version with its record, as the lists' statements give it; strings live in
 * the result. */
struct desk_row {
	const char *code, *owner, *unit;
	uint64_t used;
	uint32_t version; /* 0: the record has no such version */
	Sy__V1__DeskState state;
	const char *author, *decided_by;
	int64_t made_at_us, decided_at_us;
	ProtobufCBinaryData body;
};
void desk_row_read(const struct db_result *res, int statement, int row,
		   struct desk_row *row_r);
/* The Put request that the version is; NULL: it cannot be decoded. */
void *desk_row_body(struct arena *arena, const struct desk_row *row,
		    const ProtobufCMessageDescriptor *desc);
/* There is such a version, and who asks may see it. */
bool desk_row_visible(struct bus_request *req, const struct desk_row *row);
/* What a list shows of a row, in the arena; NULL: it does not belong. */
typedef void *desk_make_fn(struct bus_request *req, const struct desk_row *row);
struct desk_made {
	void **records;
	size_t n;
	uint32_t codes;  /* of all rows: also of what nobody here may see */
	char *last_code; /* of these */
};
void desk_rows_make(struct bus_request *req, const struct db_result *res,
		    desk_make_fn *make, struct desk_made *made_r);
/* Where the next page begins, "" after the last. */
char *desk_next_code(const struct desk_made *made, uint32_t limit);
/* One page of a kind, from behind a code; refuses a limit that is too high. */
void desk_list_ask(struct bus_request *req, enum desk_kind kind,
		   const char *after_code, Sy__V1__DeskState state,
		   uint32_t limit, db_pipe_cb *cb);
/* A list of codes that is empty, or has the code. "" is in every list. */
bool desk_offered(char *const *codes, size_t n, const char *code);
/* Which of these languages to show: the one asked, or the first. -1: there is
 * none, or not the one asked. */
int desk_lang(char *const *langs, size_t n, const char *asked);

/* A case, as far as those around it look at it. Strings live until the request
 * is answered. */
struct desk_case {
	uint8_t id[UUID_BYTES];
	const char *id_text;
	const char *external_id;
	Sy__V1__AppealState state;
	const char *unit, *department, *kind, *topic, *product, *segment;
	int64_t registered_at_us;
	int32_t registered_day;
	int64_t due_us; /* of the first answer */
	const char *person_name;
};
typedef void desk_case_cb(struct bus_request *req, const struct desk_case *c);
/* Reads the case that appeal_id names and calls cb, or answers that there is
 * none such for who asks. */
void desk_case_read(struct bus_request *req, const char *appeal_id,
		    desk_case_cb *cb);

void handle_list_templates(struct bus_request *req);
void handle_get_template(struct bus_request *req);
void handle_render_template(struct bus_request *req);
void handle_list_articles(struct bus_request *req);
void handle_get_article(struct bus_request *req);
void handle_search_articles(struct bus_request *req);
void handle_get_faq(struct bus_request *req);
void handle_get_faq_article(struct bus_request *req);
void handle_search_faq(struct bus_request *req);
void handle_list_views(struct bus_request *req);
void handle_save_draft(struct bus_request *req);
void handle_list_drafts(struct bus_request *req);
/* A row of one of the lists of drafts; strings live in res. */
Sy__V1__Draft *draft_fill(struct arena *arena, const struct db_result *res,
			  int statement, int row);
void handle_set_presence(struct bus_request *req);
void handle_list_seats(struct bus_request *req);
void handle_assign_next(struct bus_request *req);
void handle_make_rating_link(struct bus_request *req);
void handle_rate_by_code(struct bus_request *req);

/* --- desk_trim.c: what is past its time goes, once an hour --- */

struct desk_trim;
int desk_trim_open(struct desk_trim **t_r, struct complaints *svc,
		   struct error *err);
void desk_trim_close(struct desk_trim **t);

/* --- desk_store.c --- */

#define DESK_SQL_FIRST SQL_NR
enum desk_sql {
	DESK_SQL_READ = DESK_SQL_FIRST,
	DESK_SQL_CLAIM,
	DESK_SQL_RECORDS,
	DESK_SQL_DECIDED,
	DESK_SQL_VERSIONS,
	DESK_SQL_WORDS,
	DESK_SQL_SENT,
	DESK_SQL_TRIM_DRAFTS,
	DESK_SQL_TRIM_PRESENCE,
	DESK_SQL_TRIM_LINKS,
	DESK_SQL_TRIM_TAKEN,
	DESK_SQL_TRIM_VERSIONS,
	DESK_SQL_LIST,
	DESK_SQL_GET,
	DESK_SQL_USED,
	DESK_SQL_SEARCH,
	DESK_SQL_FAQ,
	DESK_SQL_VIEWS,
	DESK_SQL_CASE,
	DESK_SQL_NAMES,
	DESK_SQL_DRAFT_PUT,
	DESK_SQL_DRAFT_DROP,
	DESK_SQL_DRAFTS,
	DESK_SQL_DRAFTS_EXPORT,
	DESK_SQL_PRESENT_PUT,
	DESK_SQL_PRESENT_DROP,
	DESK_SQL_PRESENT,
	DESK_SQL_LOADS,
	DESK_SQL_QUEUE,
	DESK_SQL_TAKEN,
	DESK_SQL_TAKE,
	DESK_SQL_LINK_PUT,
	DESK_SQL_LINK_CLAIM,
	DESK_SQL_LINK_SETTLE,
	DESK_SQL_END,
};
extern const struct db_statement desk_sql[DESK_SQL_END - DESK_SQL_FIRST];

void desk_read(void *svc, struct bus_batch *batch, struct db_pipe *pipe);
/* The records that read found. */
void store_records(struct desk_records *records, const struct db_result *res,
		   int first);
/* desk_write.c */
void desk_write(void *svc, struct bus_batch *batch, struct db_pipe *pipe);

#endif
