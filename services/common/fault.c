/* fault.c -- named points at which a test kills the process. */
#include "fault.h"

#ifdef SUYUAN_FAULT_POINTS

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool fault_hit(const char *point)
{
	static long passed;
	const char *chosen = getenv("FAULT_POINT");
	size_t len = strlen(point);

	if (!chosen || strncmp(chosen, point, len) != 0 || chosen[len] != ':')
		return false;
	passed++;
	return passed == strtol(chosen + len + 1, NULL, 10);
}

void fault_die(void)
{
	for (;;)
		kill(getpid(), SIGKILL);
}

void fault_point(const char *point)
{
	if (fault_hit(point))
		fault_die();
}

#endif
