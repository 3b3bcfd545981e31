/* event_json.h -- an event of a log for people and programs. */
#ifndef SUYUAN_CLI_EVENT_JSON_H
#define SUYUAN_CLI_EVENT_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "suyuan/v1/bus.pb-c.h"

/* CloudEvents 1.0 in JSON, with our extensions; NULL: not an event. */
json_t *event_json(const Sy__V1__LogEntry *entry, uint32_t shard);
/* One line on stdout: JSON, or words. */
void event_print(const Sy__V1__LogEntry *entry, uint32_t shard, bool json);

#endif
