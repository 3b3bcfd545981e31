/* clusters_owner.h -- what the files of the owner of clusters share: clusters.c
 * (its life and its rhythm), cluster_ask.c (what the database knows of a step),
 * cluster_load.c (the index after a hand-over). */
#ifndef SUYUAN_SOCIAL_CLUSTERS_OWNER_H
#define SUYUAN_SOCIAL_CLUSTERS_OWNER_H

#include "clusters.h"
#include "metrics.h"

/* How far a step has come; one that fails is tried again from where it stood,
 * since the index has taken its texts already. */
enum stage {
	STAGE_LOAD_FROM,
	STAGE_LOAD,
	STAGE_TODO,
	STAGE_FACTS,
	STAGE_KNOWN,
	STAGE_WRITE,
	STAGE_TIDY,
};

struct loaded; /* cluster_load.c */

struct shard {
	struct clusters *c;
	int number;
	struct duty *duty;
	enum stage stage;
	bool busy;                   /* a pipe, the thread or the bus has it */
	bool ended;                  /* and the duty is not ours any more */
	struct cluster_index *index; /* the thread's while it works */
	struct cluster_index_size size;
	struct arena arena; /* of a step */
	struct cluster_step step;
	struct cluster_plan plan;
	struct spam_table *authors;
	struct cluster_item *items;
	size_t items_nr;
	bool more;          /* the next step need not wait for the tick */
	size_t taken_bytes; /* of cluster_todo, since it was tidied */
	uv_work_t work;
	int64_t behind_us;
	int64_t forget_at_us;
	/* loading */
	int64_t load_n;
	struct loaded *loaded;
};

struct clusters {
	struct social *svc;
	struct db_conn *conn;
	struct shard shards[CLUSTER_SHARDS];
	struct metric_sampler sampler;
	bool closing, held;
};

/* A pipe of the owner's own, for the statements of clusters. */
struct db_pipe *owner_pipe(struct shard *s);
/* True: the shard was given up meanwhile, or the answer is no good: the next
 * tick goes on from the stage. */
bool owner_failed(struct shard *s, const struct db_result *res);
void owner_next(struct shard *s, enum stage stage);
/* work on a thread of the pool, then after on the loop. */
void owner_work(struct shard *s, uv_work_cb work, uv_after_work_cb after);

void cluster_ask_facts(struct shard *s);
void cluster_ask_known(struct shard *s);

void cluster_load_from(struct shard *s);
void cluster_load(struct shard *s);
void cluster_load_end(struct shard *s);

#endif
