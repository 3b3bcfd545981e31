/* subject_sets.c -- contacts that are one customer, as sets in memory: of one
 * batch, pure. A set is small: its members are relabelled one by one.
 */
#include <string.h>

#include "subjects.h"

void subjects_open(struct subjects *s, struct arena *arena)
{
	*s = (struct subjects){ .arena = arena };
	s->last = &s->first;
	s->links_last = &s->links;
}

void subjects_close_index(struct subjects *s)
{
	HASH_CLEAR(hh, s->contacts);
}

static void alone(struct contact *c)
{
	c->root = c;
	c->last = c;
	c->next = NULL;
	c->nr = 1;
}

struct contact *subjects_contact(struct subjects *s,
				 const uint8_t id[CONTACT_BYTES])
{
	struct contact *c;

	HASH_FIND(hh, s->contacts, id, CONTACT_BYTES, c);
	if (c != NULL)
		return c;
	c = arena_alloc(s->arena, sizeof(*c));
	memcpy(c->id, id, CONTACT_BYTES);
	alone(c);
	HASH_ADD(hh, s->contacts, id, CONTACT_BYTES, c);
	*s->last = c;
	s->last = &c->later;
	return c;
}

/* from's members come behind those of into, under its name. */
static void absorb(struct contact *into, struct contact *from)
{
	for (struct contact *c = from; c != NULL; c = c->next)
		c->root = into;
	into->last->next = from;
	into->last = from->last;
	into->nr += from->nr;
}

void subjects_stored(struct subjects *s, const uint8_t id[CONTACT_BYTES],
		     const uint8_t subject[CONTACT_BYTES])
{
	struct contact *c = subjects_contact(s, id);
	struct contact *root = subjects_contact(s, subject);

	if (c->stored)
		return;
	c->stored = true;
	memcpy(c->subject_read, subject, CONTACT_BYTES);
	if (c != root)
		absorb(root, c);
}

struct subject_link *subjects_link(const struct subjects *s,
				   const struct contact *a,
				   const struct contact *b)
{
	for (struct subject_link *l = s->links; l != NULL; l = l->next) {
		if ((l->a == a && l->b == b) || (l->a == b && l->b == a))
			return l;
	}
	return NULL;
}

struct subject_link *subjects_link_add(struct subjects *s, struct contact *a,
				       struct contact *b)
{
	struct subject_link *l = arena_alloc(s->arena, sizeof(*l));
	bool in_order = memcmp(a->id, b->id, CONTACT_BYTES) < 0;

	l->a = in_order ? a : b;
	l->b = in_order ? b : a;
	l->principal = "";
	l->text = "";
	*s->links_last = l;
	s->links_last = &l->next;
	return l;
}

bool contacts_joined(const struct contact *a, const struct contact *b)
{
	return a->root == b->root;
}

static void touch(struct contact *root)
{
	for (struct contact *c = root; c != NULL; c = c->next)
		c->touched = true;
}

void contacts_join(struct contact *a, struct contact *b)
{
	struct contact *into = a->root, *from = b->root;

	if (into == from)
		return;
	if (from->nr > into->nr) {
		into = b->root;
		from = a->root;
	}
	absorb(into, from);
	touch(into);
}

void subjects_split(struct subjects *s, struct subject_link *link)
{
	struct contact *root = link->a->root;
	struct contact *next;

	link->split = true;
	touch(root);
	for (struct contact *c = root; c != NULL; c = next) {
		next = c->next;
		alone(c);
	}
	for (struct subject_link *l = s->links; l != NULL; l = l->next) {
		if (!l->split)
			contacts_join(l->a, l->b);
	}
}
