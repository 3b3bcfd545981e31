/* fuzz.c -- see fuzz.h. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unicode/utf8.h>
#include <unistd.h>

#include "bus/check.h"
#include "log.h"

/* Targets run the code that warns about bad input, a hundred thousand times. */
__attribute__((constructor)) static void be_quiet(void)
{
	log_open("fuzz", LOG_ERROR + 1);
}

void fuzz_require(bool holds, const char *condition, const char *file)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s (%s)\n", condition, file);
	abort();
}

uint8_t fuzz_byte(struct fuzz *f)
{
	if (f->left == 0)
		return 0;
	f->left--;
	return *f->at++;
}

uint64_t fuzz_number(struct fuzz *f, int bytes)
{
	uint64_t n = 0;

	for (int i = 0; i < bytes; i++)
		n = n << 8 | fuzz_byte(f);
	return n;
}

char *fuzz_bytes(struct fuzz *f, size_t n, struct arena *arena, size_t *len_r)
{
	size_t len = n < f->left ? n : f->left;
	char *out = arena_alloc(arena, len + 1);

	if (len > 0)
		memcpy(out, f->at, len);
	f->at += len;
	f->left -= len;
	if (len_r)
		*len_r = len;
	return out;
}

char *fuzz_line(struct fuzz *f, struct arena *arena, size_t *len_r)
{
	const uint8_t *end = f->left ? memchr(f->at, '\n', f->left) : NULL;
	char *line = fuzz_bytes(f, end ? (size_t)(end - f->at) : f->left, arena,
				len_r);

	if (end)
		fuzz_byte(f);
	return line;
}

char *fuzz_rest(struct fuzz *f, struct arena *arena, size_t *len_r)
{
	return fuzz_bytes(f, f->left, arena, len_r);
}

const char *fuzz_file(const void *data, size_t len)
{
	static char path[64];
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || ftruncate(fd, 0) < 0 ||
	    pwrite(fd, data, len, 0) != (ssize_t)len)
		abort();
	return path;
}

bool fuzz_utf8(const char *text)
{
	size_t len = text ? strlen(text) : 0;

	for (size_t i = 0; i < len;) {
		UChar32 c;

		U8_NEXT((const uint8_t *)text, i, len, c);
		if (c < 0)
			return false;
	}
	return text != NULL;
}

static void require_clean_member(const ProtobufCFieldDescriptor *field,
				 const void *member)
{
	if (field->type == PROTOBUF_C_TYPE_STRING) {
		REQUIRE(fuzz_utf8(*(char *const *)member));
	} else if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
		if (*(ProtobufCMessage *const *)member)
			fuzz_require_clean(*(ProtobufCMessage *const *)member);
	}
}

void fuzz_require_clean(const ProtobufCMessage *msg)
{
	for (unsigned i = 0; i < msg->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &msg->descriptor->fields[i];
		const char *member = (const char *)msg + f->offset;
		const void *quantifier =
			(const char *)msg + f->quantifier_offset;

		if (f->label == PROTOBUF_C_LABEL_REPEATED) {
			/* Of others it does not matter what they hold. */
			if (f->type != PROTOBUF_C_TYPE_STRING &&
			    f->type != PROTOBUF_C_TYPE_MESSAGE)
				continue;
			for (size_t n = 0; n < *(const size_t *)quantifier; n++)
				require_clean_member(
					f, *(char *const *)member +
						   n * sizeof(void *));
		} else if (!(f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
			   *(const uint32_t *)quantifier == f->id) {
			require_clean_member(f, member);
		}
	}
}

bool fuzz_same(const ProtobufCMessage *a, const ProtobufCMessage *b)
{
	size_t len = protobuf_c_message_get_packed_size(a);
	uint8_t *both = malloc(2 * len + 1);
	bool same = protobuf_c_message_get_packed_size(b) == len;

	if (!both)
		abort();
	if (same) {
		protobuf_c_message_pack(a, both);
		protobuf_c_message_pack(b, both + len);
		same = memcmp(both, both + len, len) == 0;
	}
	free(both);
	return same;
}

ProtobufCMessage *fuzz_message(const ProtobufCMessageDescriptor *desc,
			       const uint8_t *data, size_t len,
			       struct arena *arena)
{
	ProtobufCMessage *msg;
	char field[64] = "";
	const char *why = NULL;

	if (check_wire(desc, data, len, field, sizeof(field), &why) < 0) {
		REQUIRE(why && *why);
		REQUIRE(strlen(field) < sizeof(field) && fuzz_utf8(field));
		return NULL;
	}
	msg = protobuf_c_message_unpack(desc, &arena->allocator, len, data);
	if (msg)
		fuzz_require_clean(msg);
	return msg;
}
