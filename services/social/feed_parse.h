/* feed_parse.h -- documents of feeds to mentions (S1), pure: bytes in, items
 * out. A document may be anything; what it costs is bounded by its length, and
 * what is wrong is told in words without its values. */
#ifndef SUYUAN_SOCIAL_FEED_PARSE_H
#define SUYUAN_SOCIAL_FEED_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "suyuan/v1/social_feed.pb-c.h"

/* Larger documents are not read to their end. */
#define FEED_DOCUMENT_MAX ((size_t)8 << 20)
/* The first of one document; a feed that is asked more often loses none. */
#define FEED_ITEMS_MAX 1000
#define FEED_ID_MAX 200     /* bytes; longer ones are hashed */
#define FEED_TEXT_MAX 65536 /* bytes, cut between characters */
#define FEED_TITLE_MAX 1024
#define FEED_FIELD_MAX 512 /* author, address */

/* All strings are UTF-8 without control characters but line ends; "" = not
 * said, never NULL. */
struct feed_item {
	const char *external_id, *url, *title, *text, *author, *lang, *unit;
	int64_t published_at_us; /* 0: not said */
	int64_t edited_at_us;
	uint64_t reach;
	uint32_t stars;
	bool deleted;
};

struct feed_document {
	struct feed_item *items;
	size_t n;
	size_t refused;   /* items that are no mentions: no id, or no words */
	size_t left_out;  /* behind FEED_ITEMS_MAX */
	const char *next; /* of FEED_JSON: URL or token; "" = the last page */
};

/* FEED_RSS: RSS 2.0, RSS 1.0 or Atom. charset: of the HTTP header, NULL: none.
 * 0, or -1 with *problem_r in the arena. */
int feed_parse_xml(struct arena *arena, const uint8_t *data, size_t len,
		   const char *charset, struct feed_document *document_r,
		   const char **problem_r);
int feed_parse_json(struct arena *arena, const uint8_t *data, size_t len,
		    const Sy__V1__FeedMapping *mapping,
		    struct feed_document *document_r, const char **problem_r);

/* RFC 3339, RFC 5322, or seconds or milliseconds since 1970, up to
 * TIME_DAY_MAX. 0 or -1. */
int feed_time_read(const char *text, int64_t *us_r);
/* True: "" or RFC 6901. */
bool feed_pointer_check(const char *pointer);

/* --- what both forms of a document share --- */

/* Cuts and cleans the fields of an item that was read, makes plain text of
 * HTML, hashes a long id. False: it is no mention. */
bool feed_item_finish(struct arena *arena, struct feed_item *item);
/* Room for one more, NULL: it is left out. */
struct feed_item *feed_item_room(struct feed_document *document);
void feed_document_open(struct arena *arena, struct feed_document *document);

#endif
