/* options.c -- what ASan, LSan and UBSan do, linked into every program of a SAN
 * build, so that none can be started without it, whatever its environment.
 * Variables of the environment (ASAN_OPTIONS, UBSAN_OPTIONS) come after these:
 * scripts/test names there the folder of the test that is running. A report of
 * a process that was started without them goes to SAN_REPORTS, where
 * scripts/test finds it as well.
 *
 * SAN_BROKEN=read, overflow or leak is a bug on purpose: with it
 * tests/integration/sanitizers proves that a report fails a test.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

/* The quarantine is what a test of memory would see: 32 MiB is enough for what
 * is freed and used within a request. */
const char *__asan_default_options(void)
{
	return "log_path=" SAN_REPORTS ":detect_leaks=1"
	       ":detect_stack_use_after_return=1:strict_string_checks=1"
	       ":check_initialization_order=1:quarantine_size_mb=32";
}

const char *__ubsan_default_options(void)
{
	return "log_path=" SAN_REPORTS ":print_stacktrace=1";
}

/* Volatile, so that no compiler and no analyser sees the bug before it is run.
 */
static unsigned char *volatile bytes;
static volatile int number = INT_MAX;

__attribute__((constructor)) static void break_on_purpose(void)
{
	const char *bug = getenv("SAN_BROKEN");

	if (!bug)
		return;
	bytes = calloc(1, 16);
	if (strcmp(bug, "read") == 0)
		number = bytes[12 + strlen(bug)];
	else if (strcmp(bug, "overflow") == 0)
		number++;
	else if (strcmp(bug, "leak") == 0)
		bytes = NULL;
	free(bytes);
}
