/* cluster_todo.c -- what a batch leaves for the owner of a language: of each
 * mention its id and the hashes of its shingles, four bytes each, from which
 * the owner makes all else. Read again by the same build of the program or its
 * neighbour, within seconds: numbers stand as the machine has them.
 */
#include <string.h>

#include "clusters.h"

struct head {
	uint8_t id[UUID_BYTES];
	int64_t accepted_at_us, edited_at_us, author;
	uint32_t n, chars;
	uint8_t known, gone, has_author, link;
	uint8_t unused[4];
};

void cluster_pack_add(struct cluster_pack *pack, struct arena *arena,
		      const struct cluster_item *item)
{
	struct head head = { .accepted_at_us = item->accepted_at_us,
			     .edited_at_us = item->edited_at_us,
			     .n = (uint32_t)item->set.n,
			     .chars = (uint32_t)item->set.chars,
			     .author = item->author,
			     .known = item->known,
			     .gone = item->gone,
			     .has_author = item->has_author,
			     .link = item->link };
	size_t set_bytes = item->set.n * sizeof(item->set.h[0]);
	size_t len = pack->len + sizeof(head) + set_bytes;

	memcpy(head.id, item->id, UUID_BYTES);
	if (len > pack->cap) {
		uint8_t *old = pack->data;

		pack->cap = 2 * len;
		pack->data = arena_alloc(arena, pack->cap);
		if (pack->len > 0)
			memcpy(pack->data, old, pack->len);
	}
	memcpy(pack->data + pack->len, &head, sizeof(head));
	if (set_bytes > 0)
		memcpy(pack->data + pack->len + sizeof(head), item->set.h,
		       set_bytes);
	pack->len = len;
}

size_t cluster_pack_room(size_t len)
{
	return len / sizeof(struct head);
}

int cluster_unpack(const uint8_t *data, size_t len, struct arena *arena,
		   struct cluster_item *items_r, size_t room, size_t *n_r)
{
	while (len > 0) {
		struct cluster_item *item = &items_r[*n_r];
		struct head head;
		size_t set_bytes;

		if (len < sizeof(head) || *n_r == room)
			return -1;
		memcpy(&head, data, sizeof(head));
		data += sizeof(head);
		len -= sizeof(head);
		set_bytes = (size_t)head.n * sizeof(uint32_t);
		if (set_bytes > len)
			return -1;
		*item = (struct cluster_item){
			.accepted_at_us = head.accepted_at_us,
			.edited_at_us = head.edited_at_us,
			.author = head.author,
			.has_author = head.has_author != 0,
			.link = head.link != 0,
			.known = head.known != 0,
			.gone = head.gone != 0,
			.set = { .h = arena_alloc(arena, set_bytes + 1),
				 .n = head.n,
				 .chars = head.chars },
		};
		memcpy(item->id, head.id, UUID_BYTES);
		memcpy(item->set.h, data, set_bytes);
		data += set_bytes;
		len -= set_bytes;
		(*n_r)++;
	}
	return 0;
}
