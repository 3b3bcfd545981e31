/* parts.h -- the service is made of parts, each with methods, statements and
 * aggregates of its own, that share one transaction: the cases, and what
 * handlers have around them.
 */
#ifndef SUYUAN_COMPLAINTS_PARTS_H
#define SUYUAN_COMPLAINTS_PARTS_H

#include "bus/batch.h"

/* read and decide see the items of the part's own methods alone, write the
 * whole batch, so that a part can follow what another has decided. scratch of
 * the batch is the part's own; in write it is NULL where no item was the
 * part's. As in struct bus_domain otherwise. */
struct part {
	const struct bus_method *methods; /* ended by a row without a name */
	/* Ids go on where those of the part before end. */
	const struct db_statement *statements;
	int statements_nr;
	void (*read)(void *svc, struct bus_batch *batch, struct db_pipe *pipe);
	enum bus_decision (*decide)(void *svc, struct bus_batch *batch,
				    const struct db_result *res, int first,
				    bool directory_fresh);
	/* NULL: nothing */
	void (*write)(void *svc, struct bus_batch *batch, struct db_pipe *pipe);
};

extern const struct bus_domain parts_domain;

/* The tables of all parts but the first, ended by NULL. */
const struct bus_method *const *parts_more_methods(void);
/* The statements of all parts. */
const struct db_statement *parts_statements(int *nr_r);
/* NULL: no part has such a method. */
const struct bus_method *parts_method(const char *name);

#endif
