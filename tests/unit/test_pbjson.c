/* test_pbjson.c -- every message of every service to JSON and back, and all
 * that is refused on the way in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "suyuan/v1/bus.pb-c.h"
#include "suyuan/v1/complaints.pb-c.h"
#include "suyuan/v1/directory.pb-c.h"
#include "suyuan/v1/kpi.pb-c.h"
#include "json/pbjson.h"
#include "json/pbtext.h"

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

/* --- every field of a message gets a value that is not its zero --- */

static void fill_message(ProtobufCMessage *msg, unsigned *n);

static void fill_member(const ProtobufCFieldDescriptor *f, void *member,
			unsigned *n)
{
	const ProtobufCEnumDescriptor *e = f->descriptor;
	ProtobufCBinaryData *bytes;

	++*n;
	switch (f->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		*(int32_t *)member =
			pb_form(f) == PB_DAY ? 20000 + (int)*n : -(int)*n;
		return;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		*(uint32_t *)member = UINT32_MAX - *n;
		return;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		*(int64_t *)member = pb_form(f) == PB_TIME
					     ? 1741929600000001 + *n
					     : INT64_MIN + *n;
		return;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		*(uint64_t *)member = UINT64_MAX - *n;
		return;
	case PROTOBUF_C_TYPE_FLOAT:
		*(float *)member = 0.5F + (float)*n;
		return;
	case PROTOBUF_C_TYPE_DOUBLE:
		*(double *)member = 1.0 / (3 + *n);
		return;
	case PROTOBUF_C_TYPE_BOOL:
		*(protobuf_c_boolean *)member = 1;
		return;
	case PROTOBUF_C_TYPE_ENUM:
		*(int *)member = e->values[e->n_values - 1].value;
		return;
	case PROTOBUF_C_TYPE_STRING:
		*(char **)member = arena_printf(&arena, "жалоба \"%u\"\n", *n);
		return;
	case PROTOBUF_C_TYPE_BYTES:
		bytes = member;
		bytes->data = arena_memdup(&arena, "\x00\xff\x10", 3);
		bytes->len = 3;
		return;
	case PROTOBUF_C_TYPE_MESSAGE:
		*(ProtobufCMessage **)member =
			pb_message_new(f->descriptor, &arena);
		fill_message(*(ProtobufCMessage **)member, n);
		return;
	}
}

static void fill_message(ProtobufCMessage *msg, unsigned *n)
{
	for (unsigned i = 0; i < msg->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &msg->descriptor->fields[i];
		char *member = (char *)msg + f->offset;

		if (f->label == PROTOBUF_C_LABEL_REPEATED) {
			size_t size = pb_member_bytes(f);
			char *list = arena_alloc(&arena, 2 * size);

			fill_member(f, list, n);
			fill_member(f, list + size, n);
			*(void **)member = list;
			*(size_t *)((char *)msg + f->quantifier_offset) = 2;
		} else if (pb_oneof_choose(msg, f)) {
			fill_member(f, member, n);
		}
	}
}

static void round_trip(const ProtobufCMessageDescriptor *desc)
{
	ProtobufCMessage *msg = pb_message_new(desc, &arena), *back;
	struct error err = { "" };
	uint8_t *a, *b;
	unsigned n = 0;
	json_t *json;
	size_t len;

	fill_message(msg, &n);
	json = pbjson_from_message(msg);
	assert_non_null(json);
	assert_int_equal(json_object_size(json),
			 desc == &sy__v1__directory_record__descriptor
				 ? 1
				 : desc->n_fields);
	back = pbjson_to_message(json, desc, &arena, &err);
	assert_string_equal(err.text, "");
	assert_non_null(back);
	len = protobuf_c_message_get_packed_size(msg);
	assert_int_equal(protobuf_c_message_get_packed_size(back), len);
	a = arena_alloc(&arena, len + 1);
	b = arena_alloc(&arena, len + 1);
	protobuf_c_message_pack(msg, a);
	protobuf_c_message_pack(back, b);
	assert_memory_equal(a, b, len);
	json_decref(json);
}

static void test_round_trip(void **state)
{
	static const ProtobufCServiceDescriptor *const services[] = {
		&sy__v1__directory__descriptor,
		&sy__v1__complaints__descriptor,
		&sy__v1__kpi__descriptor,
	};

	(void)state;
	for (size_t s = 0; s < 3; s++)
		for (unsigned m = 0; m < services[s]->n_methods; m++) {
			round_trip(services[s]->methods[m].input);
			round_trip(services[s]->methods[m].output);
		}
	round_trip(&sy__v1__appeal_changed__descriptor);
	round_trip(&sy__v1__record_put__descriptor);
	round_trip(&sy__v1__event__descriptor);
	round_trip(&sy__v1__welcome__descriptor);
}

static char *dump(const ProtobufCMessage *msg)
{
	json_t *json = pbjson_from_message(msg);
	char *text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	return text;
}

static void test_forms(void **state)
{
	Sy__V1__AppealFacts facts = SY__V1__APPEAL_FACTS__INIT;
	Sy__V1__GetCellsRequest cells = SY__V1__GET_CELLS_REQUEST__INIT;
	Sy__V1__DirectoryRecord record = SY__V1__DIRECTORY_RECORD__INIT;
	Sy__V1__Unit unit = SY__V1__UNIT__INIT;
	Sy__V1__Cell cell = SY__V1__CELL__INIT;
	char *text;

	(void)state;
	facts.state = SY__V1__APPEAL_STATE__APPEAL_ANSWERED;
	facts.registered_at_us = 1741929600000001;
	facts.registered_day = 20161;
	text = dump(&facts.base);
	assert_string_equal(
		text, "{\"state\":\"APPEAL_ANSWERED\","
		      "\"registered_at_us\":\"2025-03-14T05:20:00.000001Z\","
		      "\"registered_day\":\"2025-03-14\"}");
	free(text);
	cells.known_by_day = -1;
	text = dump(&cells.base);
	assert_string_equal(text, "{\"known_by_day\":\"1969-12-31\"}");
	free(text);
	/* The chosen member of a oneof is shown even when it is empty. */
	record.record_case = SY__V1__DIRECTORY_RECORD__RECORD_UNIT;
	record.unit = &unit;
	text = dump(&record.base);
	assert_string_equal(text, "{\"unit\":{}}");
	free(text);
	cell.numerator = INT64_MAX;
	cell.value = INFINITY;
	text = dump(&cell.base);
	assert_string_equal(text, "{\"numerator\":\"9223372036854775807\","
				  "\"value\":\"Infinity\"}");
	free(text);
}

static void test_numbers_in(void **state)
{
	struct error err;
	json_t *json = json_loads("{\"numerator\":12,\"denominator\":\"-3\","
				  "\"value\":2,\"has_value\":true,"
				  "\"indicator\":null}",
				  0, NULL);
	Sy__V1__Cell *cell = (Sy__V1__Cell *)pbjson_to_message(
		json, &sy__v1__cell__descriptor, &arena, &err);

	(void)state;
	assert_non_null(cell);
	assert_int_equal(cell->numerator, 12);
	assert_int_equal(cell->denominator, -3);
	assert_true(cell->value == 2.0);
	assert_true(cell->has_value);
	assert_string_equal(cell->indicator, "");
	json_decref(json);
}

static void refused(const ProtobufCMessageDescriptor *desc, const char *text,
		    const char *wanted)
{
	struct error err = { "" };
	json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

	assert_non_null(json);
	assert_null(pbjson_to_message(json, desc, &arena, &err));
	assert_string_equal(err.text, wanted);
	json_decref(json);
}

static void test_refused(void **state)
{
	const ProtobufCMessageDescriptor *put =
		&sy__v1__put_record_request__descriptor;
	const ProtobufCMessageDescriptor *reg =
		&sy__v1__register_appeal_request__descriptor;
	const ProtobufCMessageDescriptor *cells =
		&sy__v1__get_cells_request__descriptor;

	(void)state;
	refused(reg, "[]", "expected an object");
	refused(reg, "{\"colour\":1}",
		"colour: RegisterAppealRequest has no such field");
	refused(reg, "{\"kind\":7}", "kind: expected a string without NUL");
	refused(reg, "{\"kind\":\"a\\u0000b\"}",
		"kind: expected a string without NUL");
	refused(reg, "{\"person\":\"x\"}", "person: expected an object");
	refused(reg, "{\"person\":{\"phone\":[]}}",
		"person.phone: expected a string without NUL");
	refused(reg, "{\"person\":{\"age\":1}}",
		"person.age: Person has no such field");
	refused(reg, "{\"occurred_at_us\":\"yesterday\"}",
		"occurred_at_us: expected a time like 2025-03-14T05:20:00Z");
	refused(reg, "{\"occurred_at_us\":1741929600000000}",
		"occurred_at_us: expected a time like 2025-03-14T05:20:00Z");
	refused(put,
		"{\"record\":{\"unit\":{\"valid_from_day\":"
		"\"2025-02-30\"}}}",
		"record.unit.valid_from_day: expected a day like 2025-03-14");
	refused(put, "{\"record\":{\"unit\":{},\"term\":{}}}",
		"record.term: only one of several may be given");
	refused(cells, "{\"split_by\":[\"BY_DAY\",\"BY_COLOUR\"]}",
		"split_by[1]: expected a name of the enum");
	refused(cells, "{\"split_by\":\"BY_DAY\"}",
		"split_by: expected a list");
	refused(cells, "{\"limit\":-1}",
		"limit: expected a whole number from 0 to 4294967295");
	refused(cells, "{\"limit\":4294967296}",
		"limit: expected a whole number from 0 to 4294967295");
	refused(&sy__v1__cell__descriptor,
		"{\"numerator\":\"9223372036854775808\"}",
		"numerator: expected a whole number of 64 bits");
	refused(&sy__v1__event__descriptor, "{\"event_id\":\"0g\"}",
		"event_id: expected hexadecimal digits");
	refused(&sy__v1__event__descriptor, "{\"event_id\":\"abc\"}",
		"event_id: expected hexadecimal digits");
	refused(&sy__v1__cell__descriptor, "{\"has_value\":\"true\"}",
		"has_value: expected true or false");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_forms, setup, teardown),
		cmocka_unit_test_setup_teardown(test_numbers_in, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
