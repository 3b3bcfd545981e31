/* gazetteer.h -- which offices a text names: names, addresses and postcodes of
 * the units, found all at once, whatever their case, punctuation and (Russian)
 * ending. Ambiguous is several candidates, never a guess. */
#ifndef SUYUAN_GAZETTEER_H
#define SUYUAN_GAZETTEER_H

#include "text/phrases.h"

struct gazetteer;

struct gazetteer_name {
	const char *name; /* raw: a unit's name, alias, address or postcode */
	const char *unit; /* its code */
};

/* The names of one unit follow each other.
 *
 * Shorter ones than these would be found everywhere: three letters or digits,
 * two Han characters. They are left out and counted. */
int gazetteer_open(struct gazetteer **g_r, const struct gazetteer_name *names,
		   size_t n, struct error *err);
void gazetteer_close(struct gazetteer *g); /* NULL does nothing */
size_t gazetteer_left_out(const struct gazetteer *g);

struct gazetteer_hit {
	size_t begin, end;        /* bytes of the normalised text */
	const char *const *units; /* its candidates, distinct */
	size_t units_nr;
};
struct gazetteer_hits {
	struct gazetteer_hit *h;
	size_t n;
};

/* Named more often than these in one text, it is a list of offices. */
#define GAZETTEER_HITS_MAX 64
#define GAZETTEER_UNITS_MAX 256 /* candidates of one hit */

struct gazetteer_hits gazetteer_find(const struct gazetteer *g,
				     struct arena *arena,
				     const struct tokens *tokens);

#endif
