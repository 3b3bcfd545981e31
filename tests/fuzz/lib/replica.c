/* replica.c -- the look-ups of services/common/dir/replica.c over a directory
 * that is only in memory: no log to follow, no tables. */
#include "bus_world.h"

#include "dir/replica_mem.h"

struct replica {
	struct replica_mem mem;
};

static void put_unit(struct replica_mem *m, const char *code,
		     const char *parent)
{
	mem_put_unit(m, &(struct mem_version){ .code = code,
					       .parent = parent,
					       .zone = "Europe/Moscow",
					       .class = "",
					       .from_day = 1,
					       .revision = 1 });
}

static void put_term(struct replica_mem *m, const char *taxonomy,
		     const char *code)
{
	mem_put_term(m, taxonomy,
		     &(struct mem_version){ .code = code,
					    .parent = "",
					    .zone = "",
					    .class = "",
					    .from_day = 1,
					    .revision = 1 });
}

struct replica *replica_in_memory(void)
{
	static struct replica r;

	put_unit(&r.mem, "root", "");
	put_unit(&r.mem, "north", "root");
	put_term(&r.mem, "kind", "complaint");
	put_term(&r.mem, "channel", "web");
	put_term(&r.mem, "topic", "staff");
	r.mem.revision = 1;
	return &r;
}

bool replica_ready(const struct replica *r, const char **why_r)
{
	(void)r;
	*why_r = "";
	return true;
}

uint64_t replica_revision(const struct replica *r)
{
	return r->mem.revision;
}

void replica_confirm(struct replica *r, int timeout_ms,
		     void (*cb)(bool ok, void *arg), void *arg)
{
	(void)r;
	(void)timeout_ms;
	(void)cb;
	(void)arg;
}

const struct replica_unit *replica_unit(const struct replica *r,
					const char *code, int32_t day)
{
	return mem_unit(&r->mem, code, day);
}

bool replica_unit_known(const struct replica *r, const char *code)
{
	return mem_unit_known(&r->mem, code);
}

bool replica_in_subtree(const struct replica *r, const char *unit,
			const char *root, int32_t day)
{
	return mem_in_subtree(&r->mem, unit, root, day);
}

const char *replica_term(const struct replica *r, const char *taxonomy,
			 const char *code, int32_t day)
{
	return mem_term(&r->mem, taxonomy, code, day);
}

bool replica_department(const struct replica *r, const char *code, int32_t day)
{
	return mem_department(&r->mem, code, day);
}
