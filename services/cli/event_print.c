/* event_print.c -- see event_print.h. */
#include "event_print.h"

#include <inttypes.h>
#include <stdio.h>

#include "timeutil.h"
#include "json/cloudevent.h"

static void print_words(const Sy__V1__LogEntry *entry,
			const Sy__V1__Event *event, uint32_t shard)
{
	char text[TIME_TEXT_MAX];

	printf("%.19s %2" PRIu32 "/%-8" PRIu64 " %-18s %s r%" PRIu64 " %s\n",
	       time_format_us(event->occurred_at_us, text), shard,
	       entry->offset, event->type, event->key, event->revision,
	       event->source);
}

static void print_json(const Sy__V1__LogEntry *entry, Sy__V1__Event *event,
		       const char *stream, uint32_t shard)
{
	json_t *json;

	if (event) {
		event->accepted_at_us = entry->accepted_at_us;
		json = cloudevent_json(event, stream, shard, entry->offset);
	} else {
		json = json_pack("{s:i,s:I,s:s}", "shard", (int)shard, "offset",
				 (json_int_t)entry->offset, "error",
				 "not an event");
	}
	json_dumpf(json, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(json);
}

void event_print(const Sy__V1__LogEntry *entry, const char *stream,
		 uint32_t shard, bool json)
{
	Sy__V1__Event *event = sy__v1__event__unpack(NULL, entry->event.len,
						     entry->event.data);

	if (json)
		print_json(entry, event, stream, shard);
	else if (event)
		print_words(entry, event, shard);
	sy__v1__event__free_unpacked(event, NULL);
}
