/* imap.c -- lines of a server's answer, and the list that is made of them: in
 * order, each UID once, never more than it holds. */
#include "outside/imap.h"
#include "../lib/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct imap_list list;
	struct fuzz f = { data, size };
	struct arena arena;

	arena_init(&arena);
	list.n = 0;
	while (f.left > 0) {
		struct imap_entry entry;
		size_t len;
		const char *line = fuzz_line(&f, &arena, &len);
		int64_t uidvalidity = imap_uidvalidity_read(line);

		REQUIRE(uidvalidity >= 0 && uidvalidity <= UINT32_MAX);
		if (!imap_entry_read(line, &entry))
			continue;
		REQUIRE(entry.uid > 0 && entry.uid <= UINT32_MAX &&
			entry.bytes >= 0 && entry.received_us >= 0);
		imap_list_add(&list, &entry);
	}
	REQUIRE(list.n <= IMAP_LIST_MAX);
	for (size_t i = 1; i < list.n; i++)
		REQUIRE(list.entries[i - 1].uid < list.entries[i].uid);
	arena_reset(&arena);
	return 0;
}
