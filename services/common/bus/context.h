/* context.h -- the one ZeroMQ context of the process. */
#ifndef SUYUAN_BUS_CONTEXT_H
#define SUYUAN_BUS_CONTEXT_H

/* Made at the first call; NULL with errno when libzmq cannot. */
void *bus_context(void);

/* Waits for what the sockets' lingers still allow to be sent; all sockets must
 * be closed. Does nothing when there is no context. */
void bus_context_close(void);

#endif
