/* events_out.c -- an event of a log as JSON, for the command line and for HTTP:
 * whatever a service has stored can be shown. */
#include <stdlib.h>

#include "../lib/fuzz.h"
#include "cli/event_json.h"
#include "gateway/gateway.h"

static void require_text(json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	REQUIRE(text && *text == '{');
	free(text);
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Sy__V1__LogEntry entry = SY__V1__LOG_ENTRY__INIT;
	Sy__V1__Event *event = sy__v1__event__unpack(NULL, size, data);
	json_t *json;

	entry.offset = 7;
	entry.event.data = (uint8_t *)data;
	entry.event.len = size;
	json = event_json(&entry, 3);
	REQUIRE((json != NULL) == (event != NULL));
	if (event) {
		require_text(json);
		require_text(cloudevent_from_event(event, "complaints", 3, 7));
		sy__v1__event__free_unpacked(event, NULL);
	}
	return 0;
}
