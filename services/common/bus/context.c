/* context.c -- one ZeroMQ context a process: a service's ROUTER, its ZAP
 * handler (inproc, so in the same context) and its DEALERs share one I/O
 * thread. */
#include "bus/context.h"

#include <stddef.h>
#include <unistd.h>

#include <zmq.h>

static void *context;
static pid_t owner;

void *bus_context(void)
{
	/* The threads of a parent's context are not here. */
	if (!context || owner != getpid()) {
		owner = getpid();
		context = zmq_ctx_new();
		/* A service may dial thousands of peers' addresses in its
		 * life; the default of 1023 counts sockets open at once. */
		if (context)
			zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 4096);
	}
	return context;
}

void bus_context_close(void)
{
	if (context)
		zmq_ctx_term(context);
	context = NULL;
}
