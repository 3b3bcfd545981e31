/* mentions_prepare.c -- what is done of a mention before its batch: its fields
 * are checked, its id made, its text understood. Costs processor time, and
 * needs nothing but the item.
 */
#include <string.h>

#include "mentions.h"

static void prepare_one(struct social *svc,
			const Sy__V1__PutMentionRequest *mention,
			struct arena *arena, struct prepared *p_r)
{
	uint8_t pseudonym[PSEUDONYM_BYTES];

	p_r->good = mention_check(mention, &p_r->fault);
	if (!p_r->good)
		return;
	mention_id_make(svc, mention->source, mention->external_id, p_r->id);
	p_r->has_author = mention->author[0] != '\0';
	if (p_r->has_author) {
		author_pseudonym(svc, mention->source, mention->author,
				 pseudonym);
		memcpy(&p_r->author, pseudonym, sizeof(p_r->author));
	}
	understand(svc, arena, mention, &p_r->u);
}

static void prepare_delete(struct social *svc,
			   const Sy__V1__DeleteMentionRequest *request,
			   struct prepared *p_r)
{
	p_r->good = mention_ref_check(request->source, request->external_id,
				      &p_r->fault);
	if (p_r->good)
		mention_id_make(svc, request->source, request->external_id,
				p_r->id);
}

void mentions_prepare(void *svc, struct bus_item *item, struct arena *arena)
{
	const Sy__V1__PutMentionsRequest *many = (const void *)item->request;
	struct prepared *p;

	if (item->method == &mentions_methods[MENTIONS_PUT_MANY]) {
		p = arena_alloc(arena, (many->n_mentions + 1) * sizeof(*p));
		for (size_t i = 0; i < many->n_mentions; i++)
			prepare_one(svc, many->mentions[i], arena, &p[i]);
		item->prepared = p;
		return;
	}
	p = arena_alloc(arena, sizeof(*p));
	if (item->method == &mentions_methods[MENTIONS_PUT])
		prepare_one(svc, (const void *)item->request, arena, p);
	else if (item->method == &mentions_methods[MENTIONS_DELETE])
		prepare_delete(svc, (const void *)item->request, p);
	item->prepared = p;
}
