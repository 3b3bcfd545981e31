/* replica.c -- the look-ups of services/common/dir/replica.c over a directory
 * that is only in memory: no log to follow, no tables. */
#include "bus_world.h"

#include "dir/replica_mem.h"

struct replica {
	struct replica_mem mem;
	void (*confirm_cb)(bool ok, void *arg); /* NULL: nobody waits */
	void *confirm_arg;
};

static void put_unit(struct replica_mem *m, const char *code,
		     const char *parent)
{
	mem_put_unit(m, &(struct mem_version){ .code = code,
					       .parent = parent,
					       .zone = "Europe/Moscow",
					       .class = "",
					       .calendar = "",
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
					    .calendar = "",
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
	(void)timeout_ms;
	/* one message asks once */
	REQUIRE(!r->confirm_cb);
	r->confirm_cb = cb;
	r->confirm_arg = arg;
}

void replica_answer(struct replica *r)
{
	void (*cb)(bool ok, void *arg) = r->confirm_cb;

	r->confirm_cb = NULL;
	if (cb)
		cb(true, r->confirm_arg);
}

struct replica_mem *replica_memory(const struct replica *r)
{
	return (struct replica_mem *)&r->mem;
}
