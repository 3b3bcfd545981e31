/* cluster_load.c -- fills the index of a language after its duty was taken,
 * from the texts that stand in the database, oldest first and as far back as
 * memory allows. What comes meanwhile waits in cluster_todo. */
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "bus/must.h"
#include "clusters_owner.h"
#include "log.h"
#include "timeutil.h"

#define PAGE 1000

enum {
	LOAD_N,
	LOAD_ID,
	LOAD_ACCEPTED,
	LOAD_EDITED,
	LOAD_TITLE,
	LOAD_TEXT,
	LOAD_CLUSTER
};

/* The group of a cluster, held while loading. */
struct known {
	uint8_t id[UUID_BYTES];
	uint32_t group;
	UT_hash_handle hh;
};

struct row {
	struct cluster_item item;
	const char *title, *text;
	uint8_t cluster[UUID_BYTES];
	bool in_cluster;
};

struct loaded {
	struct known *known;
	struct row *rows;
	size_t rows_nr;
	size_t texts;
};

void cluster_load_end(struct shard *s)
{
	struct loaded *l = s->loaded;
	struct known *k, *next;

	if (l == NULL)
		return;
	s->loaded = NULL;
	HASH_ITER (hh, l->known, k, next) {
		HASH_DEL(l->known, k);
		cluster_index_drop(s->index, k->group);
		free(k);
	}
	free(l);
}

static uint32_t group_of(struct shard *s, const struct row *row)
{
	struct cluster_group g = { .cluster = row->in_cluster,
				   .edited_at_us = row->item.edited_at_us };
	struct known *k = NULL;

	memcpy(g.id, row->in_cluster ? row->cluster : row->item.id, UUID_BYTES);
	if (!row->in_cluster)
		return cluster_index_group(s->index, &g);
	HASH_FIND(hh, s->loaded->known, g.id, UUID_BYTES, k);
	if (k == NULL) {
		k = must_calloc(1, sizeof(*k));
		memcpy(k->id, g.id, UUID_BYTES);
		k->group = cluster_index_group(s->index, &g);
		HASH_ADD(hh, s->loaded->known, id, UUID_BYTES, k);
	}
	cluster_index_hold(s->index, k->group);
	return k->group;
}

static bool is_near(const uint32_t *near, size_t n, uint32_t group)
{
	for (size_t i = 0; i < n; i++)
		if (near[i] == group)
			return true;
	return false;
}

static void load_row(struct shard *s, const struct row *row)
{
	uint32_t near[CLUSTER_NEAR_MAX], group;
	struct cluster_probe probe;
	struct text normal, masked;
	struct shingles set;
	bool same = false;
	size_t n = 0;

	normal = mention_normal(&s->arena, row->title, row->text);
	masked = text_mask(&s->arena, &normal);
	set = cluster_shingles(&s->arena, &masked);
	if (!cluster_probe_make(&probe, &set))
		return;
	group = group_of(s, row);
	if (row->in_cluster)
		n = cluster_index_find(s->index, &probe,
				       row->item.accepted_at_us, near, &same);
	if (!same || !is_near(near, n, group))
		cluster_index_add(s->index, &probe, row->item.accepted_at_us,
				  group);
	cluster_index_drop(s->index, group);
}

static void work_cb(uv_work_t *work)
{
	struct shard *s = work->data;

	for (size_t i = 0; i < s->loaded->rows_nr; i++)
		load_row(s, &s->loaded->rows[i]);
}

static void worked_cb(uv_work_t *work, int status)
{
	struct shard *s = work->data;
	size_t n = s->loaded->rows_nr;

	(void)status;
	if (owner_failed(s, NULL))
		return;
	s->loaded->texts += n;
	arena_reset(&s->arena);
	if (n == PAGE) {
		owner_next(s, STAGE_LOAD);
		return;
	}
	s->size = cluster_index_size(s->index);
	log_info("clusters: shard %d has %zu texts of %zu", s->number,
		 s->size.texts, s->loaded->texts);
	cluster_load_end(s);
	owner_next(s, STAGE_TODO);
}

static void copy_row(struct shard *s, const struct db_result *res, int r)
{
	struct row *row = &s->loaded->rows[r];
	const uint8_t *id;
	size_t len;

	*row = (struct row){
		.item.accepted_at_us = db_get_time(res, 0, r, LOAD_ACCEPTED),
		.item.edited_at_us = db_get_time(res, 0, r, LOAD_EDITED),
		.title = arena_strdup(&s->arena,
				      db_get_text(res, 0, r, LOAD_TITLE)),
		.text = arena_strdup(&s->arena,
				     db_get_text(res, 0, r, LOAD_TEXT)),
		.in_cluster = !db_is_null(res, 0, r, LOAD_CLUSTER),
	};
	id = db_get_bytes(res, 0, r, LOAD_ID, &len);
	if (len == UUID_BYTES)
		memcpy(row->item.id, id, len);
	id = db_get_bytes(res, 0, r, LOAD_CLUSTER, &len);
	if (id != NULL && len == UUID_BYTES)
		memcpy(row->cluster, id, len);
	s->load_n = db_get_i64(res, 0, r, LOAD_N);
}

static void page_cb(const struct db_result *res, void *arg)
{
	struct shard *s = arg;

	if (owner_failed(s, res))
		return;
	s->loaded->rows_nr = (size_t)db_rows(res, 0);
	s->loaded->rows =
		arena_alloc(&s->arena, (s->loaded->rows_nr + 1) *
					       sizeof(s->loaded->rows[0]));
	for (int r = 0; r < db_rows(res, 0); r++)
		copy_row(s, res, r);
	owner_work(s, work_cb, worked_cb);
}

static int32_t first_day(void)
{
	return (int32_t)((time_now_us() - CLUSTER_WINDOW_US) / US_PER_DAY);
}

void cluster_load(struct shard *s)
{
	struct db_pipe *pipe = owner_pipe(s);

	db_exec(pipe, CLUSTERS_SQL_LOAD);
	db_i32(pipe, s->number);
	db_i64(pipe, s->load_n);
	db_i32(pipe, first_day());
	db_i64(pipe, PAGE);
	db_pipe_run(pipe, page_cb, s);
}

static void from_cb(const struct db_result *res, void *arg)
{
	struct shard *s = arg;

	if (owner_failed(s, res))
		return;
	s->load_n = db_get_i64(res, 0, 0, 0);
	s->loaded = must_calloc(1, sizeof(*s->loaded));
	owner_next(s, STAGE_LOAD);
}

void cluster_load_from(struct shard *s)
{
	struct db_pipe *pipe = owner_pipe(s);

	db_exec(pipe, CLUSTERS_SQL_LOAD_FROM);
	db_i32(pipe, s->number);
	db_i64(pipe, (int64_t)cluster_index_room(s->index));
	db_i32(pipe, first_day());
	db_pipe_run(pipe, from_cb, s);
}
