/* fuzz.h -- what the fuzz targets share: taking an input apart, and saying what
 * must hold. A target is one file of ../targets with LLVMFuzzerTestOneInput. */
#ifndef SUYUAN_FUZZ_H
#define SUYUAN_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

#include "arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Ends the process with a word about what did not hold: libFuzzer keeps the
 * input. */
#define REQUIRE(condition) fuzz_require((condition), #condition, __FILE__)
void fuzz_require(bool holds, const char *condition, const char *file);

/* The input from the front; what is not there is zero. */
struct fuzz {
	const uint8_t *at;
	size_t left;
};
uint8_t fuzz_byte(struct fuzz *f);
uint64_t fuzz_number(struct fuzz *f, int bytes);
/* n bytes with a NUL behind them, in the arena; fewer if there are not so many.
 */
char *fuzz_bytes(struct fuzz *f, size_t n, struct arena *arena, size_t *len_r);
/* The next line without its end. */
char *fuzz_line(struct fuzz *f, struct arena *arena, size_t *len_r);
/* All that is left. */
char *fuzz_rest(struct fuzz *f, struct arena *arena, size_t *len_r);

/* A file with that content, until the next call. */
const char *fuzz_file(const void *data, size_t len);

/* UTF-8, as protobuf and JSON want their strings; NULL is none. */
bool fuzz_utf8(const char *text);
/* Every string of the message, inner ones too, is UTF-8, and what points to
 * nothing is empty. */
void fuzz_require_clean(const ProtobufCMessage *msg);
/* Both have the same wire form. */
bool fuzz_same(const ProtobufCMessage *a, const ProtobufCMessage *b);

/* Unpacks what check_wire lets through; NULL: it was refused, with a sentence
 * of ours and a path of the descriptor. */
ProtobufCMessage *fuzz_message(const ProtobufCMessageDescriptor *desc,
			       const uint8_t *data, size_t len,
			       struct arena *arena);

/* Messages by a number: every request, reply, event and bus message. */
const ProtobufCMessageDescriptor *fuzz_descriptor(unsigned n);

#endif
