/* output.c -- what a command prints must arrive: a full disk behind stdout is
 * no success, and without a reader there is nothing more to do. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static int failed; /* errno of the first failure */

static void flush(void)
{
	if (failed)
		return;
	if (fflush(stdout) != 0)
		failed = errno;
	else if (ferror(stdout))
		failed = EIO;
}

bool cli_written(void)
{
	struct pollfd pfd = { .fd = STDOUT_FILENO };

	flush();
	if (!failed && poll(&pfd, 1, 0) > 0 &&
	    pfd.revents & (POLLERR | POLLHUP))
		failed = EPIPE;
	return failed == 0;
}

enum cli_exit cli_output_end(enum cli_exit status)
{
	flush();
	if (!failed || status != CLI_OK) /* then something was said */
		return status;
	if (failed != EPIPE) /* whoever closed the pipe knows */
		fprintf(stderr, "suyuan: stdout: %s\n", strerror(failed));
	return CLI_DIFFERENCES;
}
