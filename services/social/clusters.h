/* clusters.h -- near-copies and reposts (S5): which mentions say the same.
 *
 * A language is a shard, whose texts one replica has in memory (the duties
 * "clusters ru", zh, en, other).
 *
 *	intake's batch --cluster_todo--> plan (cluster_plan.c, on a thread)
 *		--facts, clusters--> judge (cluster_rules.c) --> one transaction
 *
 * A step whose events are to be told is a command of the bus (cluster_step.c),
 * any other a transaction of the owner's own; both begin with the claim of the
 * duty and end the rows of cluster_todo that they are of, so that nothing has
 * its effect twice or never.
 */
#ifndef SUYUAN_SOCIAL_CLUSTERS_H
#define SUYUAN_SOCIAL_CLUSTERS_H

#include "cluster_index.h"
#include "duty/duty.h"
#include "mentions.h"

#define CLUSTER_SHARDS 4
#define CLUSTER_WINDOW_US (7 * US_PER_DAY)

struct clusters;

/* --- cluster_text.c: pure --- */

int cluster_shard(const char *lang);
/* What of a text is compared. */
struct shingles cluster_shingles(struct arena *arena,
				 const struct text *masked);

/* --- cluster_todo.c: what a batch leaves, pure --- */

struct cluster_item {
	uint8_t id[UUID_BYTES];
	int64_t accepted_at_us;
	int64_t edited_at_us;
	int64_t author;
	bool has_author;
	bool link;  /* there is one in it */
	bool known; /* it was there before: it may be a member */
	bool gone;  /* deleted, or of another language now */
	struct shingles set;
};
struct cluster_pack {
	uint8_t *data;
	size_t len, cap;
};
void cluster_pack_add(struct cluster_pack *pack, struct arena *arena,
		      const struct cluster_item *item);
/* Appends to items_r, which has room for room; -1: it is not of this form. */
int cluster_unpack(const uint8_t *data, size_t len, struct arena *arena,
		   struct cluster_item *items_r, size_t room, size_t *n_r);
/* How many items there are, at most. */
size_t cluster_pack_room(size_t len);

/* --- cluster_spam.c: pure --- */

/* Of what one author says within an hour. */
struct spam_policy {
	uint32_t burst; /* from so many on */
	/* at least so many, of which this part are copies; carry links */
	uint32_t copies_least, copies_percent;
	uint32_t links_least, links_percent;
};
/* What counts without a policy of the directory. */
extern const struct spam_policy spam_policy_usual;
/* Takes the first policy that is offered; arg: a struct spam_policy. For
 * replica_policies, which offers those of a day by their codes. */
bool spam_policy_cb(const Sy__V1__Policy *policy, void *arg);
struct spam_table;
struct spam_table *spam_table_new(void);
void spam_table_free(struct spam_table **t);
/* One more; true: it is spam. */
bool spam_seen(struct spam_table *t, const struct spam_policy *policy,
	       int64_t author, int64_t at_us, bool copy, bool link);

/* --- cluster_rules.c: pure --- */

/* A mention that comes to a cluster, and what the database says of it. */
struct cluster_mention {
	uint8_t id[UUID_BYTES];
	int64_t edited_at_us; /* of the text that was compared */
	bool found; /* stands still, with this text, and in no cluster */
	bool deleted, has_author;
	bool author_known, source_known; /* in its cluster, from before */
	int64_t published_at_us, author;
	uint64_t reach;
	const char *source, *topic, *unit;
	Sy__V1__MentionClass mention_class;
	Sy__V1__Sentiment sentiment;
};

/* A cluster as it stands, or will. */
struct cluster_state {
	uint8_t id[UUID_BYTES];
	int64_t revision, told; /* of the last event, the last step */
	uint64_t mentions, authors, sources, reach;
	int64_t first_at_us, last_at_us;
	uint8_t first[UUID_BYTES];
	/* of the first mention */
	Sy__V1__MentionClass mention_class;
	Sy__V1__Sentiment sentiment;
	const char *topic, *unit;
};

/* A group of the index that mentions come to. */
struct cluster_join {
	uint32_t group; /* held */
	bool made;      /* a cluster is to be made; its id is the group's */
	struct cluster_mention *mentions;
	size_t mentions_nr, mentions_cap;
	/* Those that are there; the first, the oldest, takes up the others. */
	struct cluster_state *clusters;
	size_t clusters_nr, clusters_cap;
	/* Distinct over several clusters. */
	uint64_t authors, sources;
	/* Judged: */
	bool stands; /* after is to be written */
	bool grew;   /* by a step, which is to be told */
	struct cluster_state after;
};

/* The highest of 2, 5, 10, 20, 50, 100 ... that is reached; 0: none. */
uint64_t cluster_growth(uint64_t mentions);
/* What becomes of it. Mentions that are not found any more, or stand in it
 * twice, are left out. */
void cluster_judge(struct cluster_join *join, const uint8_t id[UUID_BYTES]);
void cluster_facts_fill(const struct cluster_state *state,
			char id_text[UUID_TEXT_MAX],
			Sy__V1__ClusterFacts *facts_r);

/* --- cluster_plan.c: items meet the index --- */

struct cluster_plan {
	struct arena *arena;
	const struct cluster_item *items;
	size_t items_nr;
	struct spam_table *authors;
	struct spam_policy policy;
	/* Found: */
	uint8_t (*spam)[UUID_BYTES];
	size_t spam_nr;
	struct cluster_join *joins;
	size_t joins_nr;
	uint32_t *slots; /* of a root: its join + 1 */
	size_t slots_nr;
};
void cluster_plan(struct cluster_index *index, struct cluster_plan *plan);
/* A cluster that is not to be: its only mention, if any, is alone. */
void cluster_plan_undo(struct cluster_index *index,
		       const struct cluster_join *join);

/* --- clusters.c: the owner --- */

int clusters_open(struct clusters **c_r, struct social *svc,
		  struct duties *duties, struct error *err);
void clusters_close(struct clusters **c);

/* --- cluster_step.c, cluster_store.c --- */

#define CLUSTERS_SQL_FIRST MENTIONS_SQL_END
enum clusters_sql {
	CLUSTERS_SQL_TODO_ADD = CLUSTERS_SQL_FIRST,
	CLUSTERS_SQL_TODO_THERE,
	CLUSTERS_SQL_DONE,
	CLUSTERS_SQL_MEMBERS_ADD,
	CLUSTERS_SQL_PUT,
	CLUSTERS_SQL_MERGE,
	CLUSTERS_SQL_ASK,
	CLUSTERS_SQL_WINDOW_LEAST,
	/* of the owner alone */
	CLUSTERS_SQL_TODO,
	CLUSTERS_SQL_REMOVE,
	CLUSTERS_SQL_FACTS,
	CLUSTERS_SQL_READ,
	CLUSTERS_SQL_KNOWN,
	CLUSTERS_SQL_COUNTS,
	CLUSTERS_SQL_LOAD_FROM,
	CLUSTERS_SQL_LOAD,
	CLUSTERS_SQL_FORGET,
	CLUSTERS_SQL_WINDOW,
	CLUSTERS_SQL_TIDY,
	CLUSTERS_SQL_END,
};
extern const struct db_statement
	clusters_sql[CLUSTERS_SQL_END - CLUSTERS_SQL_FIRST];
extern const struct part clusters_part;

/* What is to be written, of one shard. */
struct cluster_step {
	int shard;
	struct duty *duty;
	uint64_t epoch;
	int64_t *todo;
	size_t todo_nr;
	struct cluster_join *joins;
	size_t joins_nr;
	uint8_t (*spam)[UUID_BYTES]; /* to be marked */
	size_t spam_nr;
};
void cluster_step_write(const struct cluster_step *step, struct db_pipe *pipe);
/* There is something to tell. */
bool cluster_step_tells(const struct cluster_step *step);
void cluster_step_emit(const struct cluster_step *step, struct bus_batch *batch,
		       const struct bus_item *cause);

enum clusters_method {
	CLUSTERS_STEP,
};
extern const struct bus_method clusters_methods[];

/* The step that waits for its turn on the bus; NULL: none does. */
const struct cluster_step *clusters_step(const struct clusters *c, int shard);

/* --- cluster_list.c, cluster_list_store.c --- */

enum clusters_order { CLUSTERS_GROWING, CLUSTERS_SIZE, CLUSTERS_NEWEST };
struct clusters_ask {
	const char *root; /* of the subtree; "": everything */
	enum clusters_order order;
	uint32_t least, limit;
	bool after; /* rank and id of the last one that was shown */
	int64_t rank;
	uint8_t id[UUID_BYTES];
	int64_t from_us, to_us;
};
enum {
	C_ID,
	C_FIRST,
	C_FIRST_AT,
	C_LAST_AT,
	C_MENTIONS,
	C_AUTHORS,
	C_SOURCES,
	C_REACH,
	C_LAST_HOUR,
	C_SHARD,
	C_CLASS,
	C_SENTIMENT,
	C_TOPIC,
	C_UNIT,
	C_TEXT,
	C_RANK,
};
/* The columns above; one row more than the limit. */
void clusters_put_list(struct db_pipe *pipe, const struct clusters_ask *ask);

/* That of a mention, in the same columns; no row: it is alone. */
void clusters_put_of(struct db_pipe *pipe,
		     const uint8_t mention_id[UUID_BYTES]);
/* personal: with the text. NULL: no such row. */
Sy__V1__Cluster *cluster_of_row(struct arena *arena,
				const struct db_result *res, int statement,
				int row, bool personal);
void handle_list_clusters(struct bus_request *req);

#endif
