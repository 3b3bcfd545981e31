/* bus_world.h -- a service's side of the bus without its database: frames go in
 * where its ROUTER would give them, answers come out of a real one. What it
 * asks the database is answered that it cannot be reached.
 *
 * An input is a row of messages: a byte for the op, one for who sends it, two
 * for the length of the body, the body. */
#ifndef SUYUAN_FUZZ_BUS_WORLD_H
#define SUYUAN_FUZZ_BUS_WORLD_H

#include "bus/server.h"
#include "conf.h"
#include "fuzz.h"

/* options: service, schema, shards_nr, methods, domain, statements, consumes,
 * svc. */
void bus_world_open(const struct bus_server_options *options);
uv_loop_t *bus_world_loop(void);
/* Another connection that the service's handlers use. */
struct db_conn *bus_world_conn(const struct db_statement *statements, int nr);
/* Settings as the service reads them: what must be given, and of the rest what
 * these say (NAME, value, ..., NULL) or the default. */
void bus_world_conf(const struct conf_entry *const *tables, void *base,
		    const char *const *more);
/* After each message: answers what handlers have asked for beside the database.
 */
void bus_world_beside(void (*answer)(void));
/* Takes a whole input, and is as it was before. */
void bus_world_run(const uint8_t *data, size_t size);

/* replica.c: a directory in memory: units root, north (below it), the codes of
 * the seeds. It knows all that there is: whoever wants that confirmed is told
 * so by replica_answer. */
struct replica;
struct replica *replica_in_memory(void);
void replica_answer(struct replica *r);

#endif
