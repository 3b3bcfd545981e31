/* cloudevent.c -- see cloudevent.h. A new type of event is one line in the
 * table. */
#include "json/cloudevent.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "suyuan/v1/complaints.pb-c.h"
#include "suyuan/v1/directory.pb-c.h"
#include "suyuan/v1/social.pb-c.h"
#include "timeutil.h"
#include "uuid.h"
#include "json/pbjson.h"

static const struct {
	const char *type;
	const ProtobufCMessageDescriptor *payload;
} payloads[] = {
	{ "RecordPut", &sy__v1__record_put__descriptor },
	{ "PrincipalSecurityEvent",
	  &sy__v1__principal_security_event__descriptor },
	{ "AppealRegistered", &sy__v1__appeal_changed__descriptor },
	{ "AppealClassified", &sy__v1__appeal_changed__descriptor },
	{ "AppealAnswered", &sy__v1__appeal_changed__descriptor },
	{ "AppealResolved", &sy__v1__appeal_changed__descriptor },
	{ "AppealClosed", &sy__v1__appeal_changed__descriptor },
	{ "AppealRouted", &sy__v1__appeal_changed__descriptor },
	{ "AppealInvestigated", &sy__v1__appeal_changed__descriptor },
	{ "CustomerInformed", &sy__v1__appeal_changed__descriptor },
	{ "AppealReopened", &sy__v1__appeal_changed__descriptor },
	{ "AppealWithdrawn", &sy__v1__appeal_changed__descriptor },
	{ "AppealEscalated", &sy__v1__appeal_changed__descriptor },
	{ "AppealMerged", &sy__v1__appeal_changed__descriptor },
	{ "AppealNoted", &sy__v1__appeal_changed__descriptor },
	{ "AppealRated", &sy__v1__appeal_changed__descriptor },
	{ "ClockPaused", &sy__v1__appeal_changed__descriptor },
	{ "ClockResumed", &sy__v1__appeal_changed__descriptor },
	{ "ClockExtended", &sy__v1__appeal_changed__descriptor },
	{ "PromiseMade", &sy__v1__appeal_changed__descriptor },
	{ "PromiseSettled", &sy__v1__appeal_changed__descriptor },
	{ "RemedyProposed", &sy__v1__appeal_changed__descriptor },
	{ "RemedyDecided", &sy__v1__appeal_changed__descriptor },
	{ "TaskOpened", &sy__v1__appeal_changed__descriptor },
	{ "TaskSettled", &sy__v1__appeal_changed__descriptor },
	{ "AppealLinked", &sy__v1__appeal_changed__descriptor },
	{ "RepeatMarked", &sy__v1__appeal_changed__descriptor },
	{ "RedLineFlagged", &sy__v1__appeal_changed__descriptor },
	{ "RedLineDecided", &sy__v1__appeal_changed__descriptor },
	{ "FileAttached", &sy__v1__appeal_changed__descriptor },
	{ "LookupKept", &sy__v1__appeal_changed__descriptor },
	{ "AppealFactKept", &sy__v1__appeal_changed__descriptor },
	{ "AppealFactRefused", &sy__v1__appeal_changed__descriptor },
	{ "ClockBreached", &sy__v1__appeal_changed__descriptor },
	{ "ClockWarned", &sy__v1__appeal_changed__descriptor },
	{ "PromiseOverdue", &sy__v1__appeal_changed__descriptor },
	{ "TaskOverdue", &sy__v1__appeal_changed__descriptor },
	{ "RepeatConfirmed", &sy__v1__appeal_changed__descriptor },
	{ "ClocksJudged", &sy__v1__appeal_changed__descriptor },
	{ "SubjectMerged", &sy__v1__subject_link_changed__descriptor },
	{ "SubjectSplit", &sy__v1__subject_link_changed__descriptor },
	{ "SubjectErased", &sy__v1__subject_erased__descriptor },
	{ "MentionsTallied", &sy__v1__mentions_tallied__descriptor },
	{ "AuthorErased", &sy__v1__author_erased__descriptor },
	{ "ClusterGrew", &sy__v1__cluster_grew__descriptor },
	{ "ClustersMerged", &sy__v1__clusters_merged__descriptor },
	{ "MentionCorrected", &sy__v1__mention_corrected__descriptor },
	{ "ModelChanged", &sy__v1__model_changed__descriptor },
	{ "WatchChanged", &sy__v1__watch_changed__descriptor },
	{ "FeedChanged", &sy__v1__feed_changed__descriptor },
	{ "ReactionChanged", &sy__v1__reaction_changed__descriptor },
	{ "PressChanged", &sy__v1__press_changed__descriptor },
	{ "SpikeDetected", &sy__v1__spike_detected__descriptor },
	{ "SpikeEnded", &sy__v1__spike_ended__descriptor },
	{ "SourceSilent", &sy__v1__source_silent__descriptor },
	{ "SourceBack", &sy__v1__source_back__descriptor },
};

static void put_text(json_t *to, const char *name, const char *text)
{
	if (text && *text)
		json_object_set_new(to, name, json_string(text));
}

/* CloudEvents' integers have 32 bits; ours are strings. */
static void put_number(json_t *to, const char *name, uint64_t n)
{
	char text[24];

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

static size_t hex(char *to, const ProtobufCBinaryData *bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes->len && i < 64; i++)
		n += (size_t)snprintf(to + n, 3, "%02x", bytes->data[i]);
	return n;
}

/* W3C trace context, the extension that CloudEvents names. */
static void put_trace(json_t *to, const Sy__V1__Event *event)
{
	char text[64] = "00-";
	size_t n = 3;

	if (event->trace_id.len != 16 || event->span_id.len != 8)
		return;
	n += hex(text + n, &event->trace_id);
	text[n++] = '-';
	n += hex(text + n, &event->span_id);
	snprintf(text + n, sizeof(text) - n, "-01");
	put_text(to, "traceparent", text);
}

static void put_payload(json_t *to, const Sy__V1__Event *event)
{
	ProtobufCMessage *msg = NULL;
	char text[129] = "";

	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++)
		if (strcmp(payloads[i].type, event->type) == 0)
			msg = protobuf_c_message_unpack(
				payloads[i].payload, NULL, event->payload.len,
				event->payload.data);
	if (!msg) {
		/* Of a newer service: a tail of it may help to find out. */
		hex(text, &event->payload);
		put_text(to, "data_hex", text);
		return;
	}
	put_text(to, "datacontenttype", "application/json");
	json_object_set_new(to, "data", pbjson_from_message(msg));
	protobuf_c_message_free_unpacked(msg, NULL);
}

json_t *cloudevent_json(const Sy__V1__Event *event, const char *stream,
			uint32_t shard, uint64_t offset)
{
	json_t *json = json_object();
	char subject[129] = "";

	if (!json)
		return NULL;
	hex(subject, &event->subject);
	put_text(json, "specversion", "1.0");
	put_uuid(json, "id", &event->event_id);
	put_text(json, "source", event->source);
	put_text(json, "type", event->type);
	put_time(json, "time", event->occurred_at_us);
	put_text(json, "subject", subject);
	put_text(json, "partitionkey", event->key);
	put_text(json, "stream", stream);
	put_number(json, "shard", shard);
	put_number(json, "offset", offset);
	put_number(json, "revision", event->revision);
	put_number(json, "schemaversion", event->schema_version);
	put_time(json, "recordedtime", event->recorded_at_us);
	put_time(json, "acceptedtime", event->accepted_at_us);
	put_number(json, "directoryrev", event->directory_rev);
	put_trace(json, event);
	put_uuid(json, "causationid", &event->causation_id);
	put_text(json, "correlationid", event->correlation_id);
	put_payload(json, event);
	return json;
}
