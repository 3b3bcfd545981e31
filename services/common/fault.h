/* fault.h -- named points at which a test kills the process. They exist only
 * in builds with SUYUAN_FAULT_POINTS; the environment variable
 * FAULT_POINT="name:n" chooses the n-th passing of one of them. */
#ifndef SUYUAN_FAULT_H
#define SUYUAN_FAULT_H

#include <stdbool.h>

#ifdef SUYUAN_FAULT_POINTS

/* True at the chosen passing of the chosen point, and only there. */
bool fault_hit(const char *point);
/* Ends the process by SIGKILL if the point is hit. */
void fault_point(const char *point);
/* SIGKILL to ourselves: nothing is flushed, no handler runs. */
__attribute__((noreturn)) void fault_die(void);

#else

#define fault_hit(point) false
#define fault_point(point) ((void)0)

#endif
#endif
