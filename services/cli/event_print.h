/* event_print.h -- an event of a log on stdout. */
#ifndef SUYUAN_CLI_EVENT_PRINT_H
#define SUYUAN_CLI_EVENT_PRINT_H

#include <stdbool.h>

#include "suyuan/v1/bus.pb-c.h"

/* One line: CloudEvents in JSON, or words. */
void event_print(const Sy__V1__LogEntry *entry, const char *stream,
		 uint32_t shard, bool json);

#endif
