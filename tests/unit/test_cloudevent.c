/* test_cloudevent.c -- events of a log as CloudEvents: every attribute, and a
 * payload that is known, unknown or broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "suyuan/v1/complaints.pb-c.h"
#include "suyuan/v1/directory.pb-c.h"
#include "json/cloudevent.h"

#define US_2025 INT64_C(1763629200123456) /* 2025-11-20T09:00:00.123456Z */

static uint8_t bytes[32];

static ProtobufCBinaryData first(size_t len)
{
	return (ProtobufCBinaryData){ .len = len, .data = bytes };
}

static json_t *make(Sy__V1__Event *event, const ProtobufCMessage *payload)
{
	uint8_t packed[512];
	json_t *json;

	if (payload) {
		assert_true(protobuf_c_message_get_packed_size(payload) <=
			    sizeof(packed));
		event->payload.len = protobuf_c_message_pack(payload, packed);
		event->payload.data = packed;
	}
	json = cloudevent_json(event, "complaints", 3, UINT64_MAX);
	assert_non_null(json);
	if (payload)
		event->payload = (ProtobufCBinaryData){ 0 };
	return json;
}

static void is_text(const json_t *json, const char *name, const char *wanted)
{
	const char *text = json_string_value(json_object_get(json, name));

	assert_non_null(text);
	assert_string_equal(text, wanted);
}

static void test_every_attribute(void **state)
{
	Sy__V1__AppealFacts facts = SY__V1__APPEAL_FACTS__INIT;
	Sy__V1__AppealChanged changed = SY__V1__APPEAL_CHANGED__INIT;
	Sy__V1__Event event = SY__V1__EVENT__INIT;
	const json_t *data;
	json_t *json;

	(void)state;
	facts.unit = (char *)"north-01";
	changed.appeal_id = (char *)"a-1";
	changed.after = &facts;
	event.event_id = first(16);
	event.type = (char *)"AppealRegistered";
	event.schema_version = 1;
	event.key = (char *)"a-1";
	event.revision = 7;
	event.occurred_at_us = US_2025;
	event.recorded_at_us = US_2025 + 1;
	event.accepted_at_us = US_2025 + 2;
	event.source = (char *)"callcentre";
	event.directory_rev = 9;
	event.trace_id = first(16);
	event.span_id = first(8);
	event.causation_id = first(16);
	event.correlation_id = (char *)"c-1";
	event.subject = first(32);
	json = make(&event, &changed.base);
	is_text(json, "specversion", "1.0");
	is_text(json, "id", "00010203-0405-0607-0809-0a0b0c0d0e0f");
	is_text(json, "source", "callcentre");
	is_text(json, "type", "AppealRegistered");
	is_text(json, "time", "2025-11-20T09:00:00.123456Z");
	is_text(json, "subject",
		"000102030405060708090a0b0c0d0e0f"
		"101112131415161718191a1b1c1d1e1f");
	is_text(json, "partitionkey", "a-1");
	is_text(json, "stream", "complaints");
	is_text(json, "shard", "3");
	is_text(json, "offset", "18446744073709551615");
	is_text(json, "revision", "7");
	is_text(json, "schemaversion", "1");
	is_text(json, "recordedtime", "2025-11-20T09:00:00.123457Z");
	is_text(json, "acceptedtime", "2025-11-20T09:00:00.123458Z");
	is_text(json, "directoryrev", "9");
	is_text(json, "traceparent",
		"00-000102030405060708090a0b0c0d0e0f-0001020304050607-01");
	is_text(json, "causationid", "00010203-0405-0607-0809-0a0b0c0d0e0f");
	is_text(json, "correlationid", "c-1");
	is_text(json, "datacontenttype", "application/json");
	data = json_object_get(json, "data");
	is_text(data, "appeal_id", "a-1");
	is_text(json_object_get(data, "after"), "unit", "north-01");
	assert_int_equal(json_object_size(json), 20);
	json_decref(json);
}

/* What is not there is left out, and never an empty text. */
static void test_few_attributes(void **state)
{
	Sy__V1__Event event = SY__V1__EVENT__INIT;
	Sy__V1__RecordPut put = SY__V1__RECORD_PUT__INIT;
	json_t *json;

	(void)state;
	event.type = (char *)"RecordPut";
	event.span_id = first(8); /* no trace without its id */
	json = make(&event, &put.base);
	assert_null(json_object_get(json, "id"));
	assert_null(json_object_get(json, "time"));
	assert_null(json_object_get(json, "subject"));
	assert_null(json_object_get(json, "traceparent"));
	assert_true(json_is_object(json_object_get(json, "data")));
	for (void *i = json_object_iter(json); i;
	     i = json_object_iter_next(json, i)) {
		const char *text = json_string_value(json_object_iter_value(i));

		assert_true(!text || *text);
	}
	json_decref(json);
}

/* The types that services write, as their README and proto/ name them. */
static void test_every_type(void **state)
{
	static const char *const types[] = {
		"RecordPut",         "PrincipalSecurityEvent",
		"AppealRegistered",  "AppealClassified",
		"AppealAnswered",    "AppealResolved",
		"AppealClosed",      "AppealFactKept",
		"AppealFactRefused", "ClockBreached",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		Sy__V1__Event event = SY__V1__EVENT__INIT;
		json_t *json;

		event.type = (char *)types[i];
		json = make(&event, NULL);
		assert_true(json_is_object(json_object_get(json, "data")));
		assert_null(json_object_get(json, "data_hex"));
		json_decref(json);
	}
}

static void test_unknown_payload(void **state)
{
	static const char *const types[] = { "OfANewerService",
					     "AppealRegistered" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		Sy__V1__Event event = SY__V1__EVENT__INIT;
		uint8_t broken[] = { 0x0a, 0xff, 0x00 };
		json_t *json;

		event.type = (char *)types[i];
		event.payload.data = broken;
		event.payload.len = sizeof(broken);
		json = make(&event, NULL);
		is_text(json, "data_hex", "0aff00");
		assert_null(json_object_get(json, "data"));
		assert_null(json_object_get(json, "datacontenttype"));
		json_decref(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_attribute),
		cmocka_unit_test(test_few_attributes),
		cmocka_unit_test(test_every_type),
		cmocka_unit_test(test_unknown_payload),
	};

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
