/* parts.h -- a service may be made of parts, each with methods, statements and
 * aggregates of its own, that share one transaction: complaints of the cases,
 * and what handlers have around them.
 */
#ifndef SUYUAN_BUS_PARTS_H
#define SUYUAN_BUS_PARTS_H

#include "bus/server.h"

/* prepare is shown the items of the part's own methods. read and decide see
 * these alone, write the whole batch, so that a part can follow what another
 * has decided. scratch of the batch is the part's own; in write it is NULL
 * where decide was not called. As in struct bus_domain otherwise. */
struct part {
	const struct bus_method *methods; /* ended by a row without a name */
	/* Ids go on where those of the part before end: the first one's id. */
	int statements_first;
	const struct db_statement *statements;
	int statements_nr;
	/* read and decide are called for each batch, though it may hold no item
	 * of the part's own: it follows those of the parts before it. */
	bool follows;
	void (*prepare)(void *svc, struct bus_item *item,
			struct arena *arena); /* NULL: nothing */
	void (*read)(void *svc, struct bus_batch *batch, struct db_pipe *pipe);
	enum bus_decision (*decide)(void *svc, struct bus_batch *batch,
				    const struct db_result *res, int first,
				    bool directory_fresh);
	/* NULL: nothing */
	void (*write)(void *svc, struct bus_batch *batch, struct db_pipe *pipe);
};

/* A process has one list of parts, ended by NULL; they read, decide and write
 * in its order. Fills methods, statements and domain. confirm: as in struct
 * bus_domain. */
int parts_open(const struct part *const *parts, void (*confirm)(void *svc),
	       struct bus_server_options *options, struct error *err);

/* NULL: no part has such a method. */
const struct bus_method *parts_method(const char *name);
/* What decide of another part, which stands before in the list, has put into
 * scratch; from decide and write. NULL: it was not called. */
void *parts_scratch(const struct part *part);

#endif
