/* test_check.c -- the walk over the wire form, by hand-made bytes and by
 * messages of our own and of descriptor.proto, which has what ours must not:
 * recursion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "bus/check.h"
#include "google/protobuf/descriptor.pb-c.h"
#include "suyuan/v1/complaints.pb-c.h"

#define APPEAL (&sy__v1__register_appeal_request__descriptor)
#define FILE_DESC (&google__protobuf__file_descriptor_proto__descriptor)

static void assert_good(const ProtobufCMessageDescriptor *desc,
			const void *data, size_t len)
{
	char field[64];
	const char *why;

	assert_int_equal(
		check_wire(desc, data, len, field, sizeof(field), &why), 0);
}

static void assert_bad(const ProtobufCMessageDescriptor *desc, const void *data,
		       size_t len, const char *want_field, const char *want_why)
{
	char field[128];
	const char *why = NULL;

	assert_int_equal(
		check_wire(desc, data, len, field, sizeof(field), &why), -1);
	assert_string_equal(field, want_field);
	assert_string_equal(why, want_why);
}

#define GOOD(desc, bytes) assert_good(desc, bytes, sizeof(bytes) - 1)
#define BAD(desc, bytes, field, why)                                           \
	assert_bad(desc, bytes, sizeof(bytes) - 1, field, why)

static size_t pack_appeal(uint8_t *buf, size_t size, char *name, char *text)
{
	Sy__V1__Person person = SY__V1__PERSON__INIT;
	Sy__V1__RegisterAppealRequest req =
		SY__V1__REGISTER_APPEAL_REQUEST__INIT;
	const ProtobufCMessage *base = &req.base;

	person.name = name;
	req.external_id = (char *)"A-1";
	req.person = &person;
	req.text = text;
	req.occurred_at_us = INT64_C(1741929600000000);
	assert_true(protobuf_c_message_get_packed_size(base) <= size);
	return protobuf_c_message_pack(base, buf);
}

static void test_own_message(void **state)
{
	char name[] = "Ли Вэй", text[] = "потеряли посылку 包裹丢了 \U0001F4E6";
	uint8_t buf[256];
	size_t len = pack_appeal(buf, sizeof(buf), name, text);
	uint8_t *p;

	(void)state;
	assert_good(APPEAL, buf, len);
	assert_good(APPEAL, buf, 0);
	/* Cut anywhere but between two fields it is truncated. */
	assert_bad(APPEAL, buf, len - 1, "occurred_at_us", "truncated");
	p = memmem(buf, len, name, strlen(name));
	p[1] = 0;
	assert_bad(APPEAL, buf, len, "person.name", "holds NUL");
	p[1] = 0xff;
	assert_bad(APPEAL, buf, len, "person.name", "not UTF-8");
	memcpy(p, name, strlen(name));
	p = memmem(buf, len, text, strlen(text));
	p[strlen(text) - 1] = 'x';
	assert_bad(APPEAL, buf, len, "text", "not UTF-8");
}

static void test_utf8(void **state)
{
	(void)state;
	GOOD(APPEAL, "\x0a\x02\xc2\x80");
	GOOD(APPEAL, "\x0a\x03\xed\x9f\xbf");
	GOOD(APPEAL, "\x0a\x04\xf4\x8f\xbf\xbf");
	/* overlong, surrogate, above U+10FFFF, lone, cut by the field's end */
	BAD(APPEAL, "\x0a\x02\xc0\xaf", "external_id", "not UTF-8");
	BAD(APPEAL, "\x0a\x03\xe0\x80\xaf", "external_id", "not UTF-8");
	BAD(APPEAL, "\x0a\x03\xed\xa0\x80", "external_id", "not UTF-8");
	BAD(APPEAL, "\x0a\x04\xf4\x90\x80\x80", "external_id", "not UTF-8");
	BAD(APPEAL, "\x0a\x01\x80", "external_id", "not UTF-8");
	BAD(APPEAL,
	    "\x0a\x0a"
	    "abcdefgh\xd0"
	    "b",
	    "external_id", "not UTF-8");
	BAD(APPEAL, "\x0a\x01\xd0\x12\x01\x90", "external_id", "not UTF-8");
	/* NUL within the first eight, and behind them */
	BAD(APPEAL, "\x0a\x01\x00", "external_id", "holds NUL");
	BAD(APPEAL,
	    "\x0a\x0a"
	    "abcdefgh\0b",
	    "external_id", "holds NUL");
}

static void test_unknown_fields(void **state)
{
	(void)state;
	/* Field 100 of each wire type; its bytes may be anything. */
	GOOD(APPEAL, "\xa0\x06\x01");
	GOOD(APPEAL, "\xa1\x06"
		     "12345678");
	GOOD(APPEAL, "\xa2\x06\x03\xff\x00\xfe");
	GOOD(APPEAL, "\xa5\x06"
		     "1234");
	BAD(APPEAL,
	    "\xa1\x06"
	    "1234567",
	    "", "truncated");
	BAD(APPEAL,
	    "\xa2\x06\x04"
	    "abc",
	    "", "truncated");
	BAD(APPEAL,
	    "\x5a\x05\xa2\x06\x04"
	    "ab",
	    "person", "truncated");
	/* groups, wire types that do not exist, field number 0 */
	BAD(APPEAL, "\xa3\x06\xa4\x06", "", "malformed");
	BAD(APPEAL, "\xa6\x06", "", "malformed");
	BAD(APPEAL, "\x02\x00", "", "malformed");
	/* a tag above 32 bits, a varint of eleven bytes */
	BAD(APPEAL, "\x80\x80\x80\x80\x10", "", "malformed");
	BAD(APPEAL, "\x68\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
	    "occurred_at_us", "malformed");
	BAD(APPEAL, "\x68\xff", "occurred_at_us", "truncated");
	/* a length near 2^64 */
	BAD(APPEAL, "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
	    "external_id", "truncated");
}

static void test_wire_types(void **state)
{
	(void)state;
	BAD(APPEAL, "\x08\x01", "external_id", "has the wrong wire type");
	BAD(APPEAL, "\x6a\x01\x01", "occurred_at_us",
	    "has the wrong wire type");
	BAD(APPEAL, "\x58\x01", "person", "has the wrong wire type");
}

static void test_packed(void **state)
{
	(void)state;
	/* source_code_info.location.path is [packed = true]; both forms. */
	GOOD(FILE_DESC, "\x4a\x07\x0a\x05\x0a\x03\x01\x80\x01");
	GOOD(FILE_DESC, "\x4a\x06\x0a\x04\x08\x01\x08\x02");
	BAD(FILE_DESC, "\x4a\x07\x0a\x05\x0a\x03\x01\x80\x80",
	    "source_code_info.location.path", "truncated");
}

/* nested_type (3) of DescriptorProto in message_type (4) of the file, as deep
 * as asked. */
static size_t nest(uint8_t *buf, size_t size, int levels)
{
	uint8_t *p = buf + size;
	size_t len = 0;

	for (int i = levels; i > 0; i--) {
		assert_true(len < 128);
		*--p = (uint8_t)len;
		*--p = i == 1 ? 0x22 : 0x1a;
		len += 2;
	}
	memmove(buf, p, len);
	return len;
}

static void test_depth(void **state)
{
	uint8_t buf[256];
	char field[32];
	const char *why;
	size_t len = nest(buf, sizeof(buf), 15);

	(void)state;
	assert_good(FILE_DESC, buf, len);
	len = nest(buf, sizeof(buf), 16);
	/* The path is cut to what the caller has room for. */
	assert_int_equal(
		check_wire(FILE_DESC, buf, len, field, sizeof(field), &why),
		-1);
	assert_string_equal(why, "is nested too deep");
	assert_string_equal(field, "message_type.nested_type.nested");
}

/* A nest of 34 KB crashes protobuf-c. */
static void test_deep_bomb(void **state)
{
	size_t size = 256 * 1024, len = 0;
	uint8_t *buf = malloc(size), *p = buf + size;
	char field[16];
	const char *why;

	(void)state;
	while (len < size - 8) {
		uint8_t head[8];
		size_t n = 0;

		head[n++] = 0x1a;
		for (size_t v = len;; v >>= 7) {
			head[n++] =
				(uint8_t)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
			if (v <= 0x7f)
				break;
		}
		p -= n;
		len += n;
		memcpy(p, head, n);
	}
	*p = 0x22;
	assert_int_equal(
		check_wire(FILE_DESC, p, len, field, sizeof(field), &why), -1);
	assert_string_equal(why, "is nested too deep");
	free(buf);
}

/* What passes here must be unpacked by protobuf-c: a refusal behind the check
 * would have no field to name. 200,000 damaged messages, seeded. */
static void test_damaged(void **state)
{
	char name[] = "Иванова Мария", text[] = "третий день нет света";
	uint8_t good[256], buf[256];
	size_t len = pack_appeal(good, sizeof(good), name, text);
	unsigned passed = 0, seed = 20251103;
	struct arena a;

	(void)state;
	arena_init(&a);
	for (int i = 0; i < 200000; i++) {
		char field[64];
		const char *why;

		memcpy(buf, good, len);
		for (int n = rand_r(&seed) % 3; n >= 0; n--)
			buf[(size_t)rand_r(&seed) % len] =
				(uint8_t)rand_r(&seed);
		if (check_wire(APPEAL, buf, len, field, sizeof(field), &why) <
		    0)
			continue;
		passed++;
		assert_non_null(protobuf_c_message_unpack(APPEAL, &a.allocator,
							  len, buf));
		arena_reset(&a);
	}
	assert_in_range(passed, 1000, 199000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_message),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_unknown_fields),
		cmocka_unit_test(test_wire_types),
		cmocka_unit_test(test_packed),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_deep_bomb),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
