/* cloudevent.h -- an event of a log as people and programs read it. Linked by
 * cli and gateway only. */
#ifndef SUYUAN_CLOUDEVENT_H
#define SUYUAN_CLOUDEVENT_H

#include <jansson.h>

#include "suyuan/v1/bus.pb-c.h"

/* CloudEvents 1.0 in JSON, with our extensions. A payload of a type that is not
 * known here is data_hex. New reference; NULL only when memory is out. */
json_t *cloudevent_json(const Sy__V1__Event *event, const char *stream,
			uint32_t shard, uint64_t offset);

#endif
