/* events_out.c -- an event of a log as JSON, for the command line and for HTTP:
 * whatever a service has stored can be shown. */
#include <stdlib.h>

#include "../lib/fuzz.h"
#include "json/cloudevent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Sy__V1__Event *event = sy__v1__event__unpack(NULL, size, data);
	json_t *json;
	char *text;

	if (!event)
		return 0;
	json = cloudevent_json(event, "complaints", 3, 7);
	REQUIRE(json);
	text = json_dumps(json, JSON_COMPACT);
	REQUIRE(text && *text == '{');
	free(text);
	json_decref(json);
	sy__v1__event__free_unpacked(event, NULL);
	return 0;
}
