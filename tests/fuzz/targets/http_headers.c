/* http_headers.c -- what stands in the head of an HTTP request beside its path:
 * keys, cookies, positions, traces, lists; and the paths of pages. The first
 * byte says which, the rest is the text. */
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include "../lib/fuzz.h"
#include "gateway/parts.h"
#include "gateway/seal.h"
#include "gateway/sse.h"
#include "trace.h"

static struct gateway gateway;
static const uint8_t seal[SEAL_KEY_BYTES] = { 7, 1, 2 };

static void put(const char *folder, const char *name)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "we");
	if (!file || fputs("<base href=\"/\">", file) < 0 || fclose(file))
		abort();
}

/* Pages to be found, and gone from the disk once they were read. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const names[] = { "index.html", "assets/a-1.js",
					     "a.txt" };
	static char folder[] = "/tmp/fuzz-pages-XXXXXX";
	static char prefix[] = "";
	char path[256];
	struct error err;

	(void)argc;
	(void)argv;
	if (!mkdtemp(folder))
		abort();
	snprintf(path, sizeof(path), "%s/assets", folder);
	mkdir(path, 0700);
	for (size_t i = 0; i < 3; i++)
		put(folder, names[i]);
	gateway.conf.web_dir = folder;
	gateway.conf.path_prefix = prefix;
	if (files_open(&gateway, &err) < 0)
		abort();
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/assets", folder);
	rmdir(path);
	rmdir(folder);
	return 0;
}

static void positions(const char *text)
{
	uint64_t done[TAIL_SHARDS], again[TAIL_SHARDS];
	char written[POSITIONS_TEXT_MAX];

	for (int shards = 1; shards <= TAIL_SHARDS; shards += 15) {
		if (positions_read(text, shards, done) < 0)
			continue;
		positions_write(done, shards, written);
		REQUIRE(positions_read(written, shards, again) == 0);
		REQUIRE(memcmp(done, again, sizeof(*done) * (size_t)shards) ==
			0);
	}
}

static void cookie(const char *text, size_t len)
{
	uint8_t id[SEAL_ID_BYTES];

	/* Nobody who has not the key makes one that opens. */
	REQUIRE(seal_open(seal, text, len, id) < 0);
}

static void page(const char *text, struct arena *arena)
{
	char *path = arena_printf(arena, "/%s", text);
	const struct file *file = files_find(gateway.files, path, arena);

	REQUIRE(!file || strcmp(file_path(file), "/index.html") == 0 ||
		strcmp(file_path(file), "/assets/a-1.js") == 0 ||
		strcmp(file_path(file), "/a.txt") == 0);
}

static void decode(const char *text, size_t len, struct arena *arena)
{
	char *out = percent_decode(text, len, true, arena);

	REQUIRE(!out || (fuzz_utf8(out) && strlen(out) <= len));
}

static void split(const char *text, struct arena *arena)
{
	struct field_error fault;
	const char *pointer;

	if (!fuzz_utf8(text))
		return;
	field_error_split(text, &fault);
	REQUIRE(fuzz_utf8(fault.field) && fuzz_utf8(fault.text));
	pointer = problem_pointer(fault.field, arena);
	REQUIRE(*pointer == '/' && fuzz_utf8(pointer));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	uint8_t which = fuzz_byte(&f) % 8;
	struct trace trace;
	struct arena arena;
	const char *text, *wrong;
	size_t len;

	arena_init(&arena);
	text = fuzz_rest(&f, &arena, &len);
	switch (which) {
	case 0:
		positions(text);
		break;
	case 1:
		cookie(text, len);
		break;
	case 2:
		page(text, &arena);
		break;
	case 3:
		decode(text, len, &arena);
		break;
	case 4:
		split(text, &arena);
		break;
	case 5:
		wrong = key_refused(text);
		REQUIRE(wrong || strlen(text) <= KEY_MAX_BYTES);
		break;
	case 6:
		trace_parse(text, &trace);
		break;
	default:
		header_lists(text, "gzip");
		break;
	}
	arena_reset(&arena);
	return 0;
}
