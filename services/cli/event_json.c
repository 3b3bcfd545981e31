/* event_json.c -- see event_json.h. */
#include "event_json.h"

#include <inttypes.h>
#include <stdio.h>

#include "arena.h"
#include "methods.h"
#include "timeutil.h"
#include "uuid.h"
#include "json/pbjson.h"

static void put_text(json_t *to, const char *name, const char *text)
{
	if (text && *text)
		json_object_set_new(to, name, json_string(text));
}

static void put_number(json_t *to, const char *name, uint64_t n)
{
	char text[24];

	/* CloudEvents' integers have 32 bits; ours are strings. */
	snprintf(text, sizeof(text), "%" PRIu64, n);
	put_text(to, name, text);
}

static void put_time(json_t *to, const char *name, int64_t us)
{
	char text[TIME_TEXT_MAX];

	if (us != 0)
		put_text(to, name, time_format_us(us, text));
}

static void put_uuid(json_t *to, const char *name,
		     const ProtobufCBinaryData *bytes)
{
	char text[UUID_TEXT_MAX];

	if (bytes->len == UUID_BYTES)
		put_text(to, name, uuid_format(bytes->data, text));
}

static void put_hex(json_t *to, const char *name,
		    const ProtobufCBinaryData *bytes)
{
	char text[129] = "";

	for (size_t i = 0; i < bytes->len && i < 64; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes->data[i]);
	put_text(to, name, text);
}

/* W3C trace context, the extension that CloudEvents names. */
static void put_trace(json_t *to, const Sy__V1__Event *event)
{
	char text[56] = "00-";
	size_t n = 3;

	if (event->trace_id.len != 16 || event->span_id.len != 8)
		return;
	for (size_t i = 0; i < 16; i++, n += 2)
		snprintf(text + n, 3, "%02x", event->trace_id.data[i]);
	text[n++] = '-';
	for (size_t i = 0; i < 8; i++, n += 2)
		snprintf(text + n, 3, "%02x", event->span_id.data[i]);
	snprintf(text + n, 4, "-01");
	put_text(to, "traceparent", text);
}

static void put_payload(json_t *to, const Sy__V1__Event *event)
{
	const ProtobufCMessageDescriptor *desc = log_type_find(event->type);
	ProtobufCMessage *msg =
		desc ? protobuf_c_message_unpack(desc, NULL, event->payload.len,
						 event->payload.data)
		     : NULL;

	if (!msg) {
		put_hex(to, "data_hex", &event->payload);
		return;
	}
	put_text(to, "datacontenttype", "application/json");
	json_object_set_new(to, "data", pbjson_from_message(msg));
	protobuf_c_message_free_unpacked(msg, NULL);
}

static Sy__V1__Event *event_of(const Sy__V1__LogEntry *entry)
{
	return sy__v1__event__unpack(NULL, entry->event.len, entry->event.data);
}

json_t *event_json(const Sy__V1__LogEntry *entry, uint32_t shard)
{
	Sy__V1__Event *event = event_of(entry);
	json_t *json;

	if (!event)
		return NULL;
	json = json_object();
	put_text(json, "specversion", "1.0");
	put_uuid(json, "id", &event->event_id);
	put_text(json, "source", event->source);
	put_text(json, "type", event->type);
	put_time(json, "time", event->occurred_at_us);
	put_hex(json, "subject", &event->subject);
	put_text(json, "partitionkey", event->key);
	put_number(json, "shard", shard);
	put_number(json, "offset", entry->offset);
	put_number(json, "revision", event->revision);
	put_number(json, "schemaversion", event->schema_version);
	put_time(json, "recordedtime", event->recorded_at_us);
	put_time(json, "acceptedtime", entry->accepted_at_us);
	put_number(json, "directoryrev", event->directory_rev);
	put_trace(json, event);
	put_uuid(json, "causationid", &event->causation_id);
	put_text(json, "correlationid", event->correlation_id);
	put_payload(json, event);
	sy__v1__event__free_unpacked(event, NULL);
	return json;
}

static void print_words(const Sy__V1__LogEntry *entry, uint32_t shard)
{
	Sy__V1__Event *event = event_of(entry);
	char text[TIME_TEXT_MAX];

	if (!event)
		return;
	printf("%.19s %2" PRIu32 "/%-8" PRIu64 " %-18s %s r%" PRIu64 " %s\n",
	       time_format_us(event->occurred_at_us, text), shard,
	       entry->offset, event->type, event->key, event->revision,
	       event->source);
	sy__v1__event__free_unpacked(event, NULL);
}

void event_print(const Sy__V1__LogEntry *entry, uint32_t shard, bool json)
{
	json_t *object;

	if (!json) {
		print_words(entry, shard);
		return;
	}
	object = event_json(entry, shard);
	if (!object)
		object = json_pack("{s:i,s:I,s:s}", "shard", (int)shard,
				   "offset", (json_int_t)entry->offset, "error",
				   "not an event");
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}
