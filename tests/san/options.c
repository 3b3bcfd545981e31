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

__attribute__((constructor)) static void break_on_purpose(void)
{
	const char *bug = getenv("SAN_BROKEN");
	volatile char *bytes;
	volatile int n = INT_MAX, beyond = 16;

	if (!bug)
		return;
	bytes = malloc(16);
	if (strcmp(bug, "read") == 0)
		n = bytes[beyond];
	else if (strcmp(bug, "overflow") == 0)
		n++;
	else if (strcmp(bug, "leak") == 0)
		bytes = NULL;
	free((void *)bytes);
}
