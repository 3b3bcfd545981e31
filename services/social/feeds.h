/* feeds.h -- feeds (S1): the service itself goes and looks.
 *
 *   feeds_poll.c, a duty: due ones -> feed_fetch.c, one HTTP call a page ->
 *   feed_parse.h -> a PutMention each, as if it had been published -> the
 *   feed's state
 *
 * A look that is cut off by a crash is done again: a mention that came before
 * meets its own key.
 */
#ifndef SUYUAN_SOCIAL_FEEDS_H
#define SUYUAN_SOCIAL_FEEDS_H

#include "feed_parse.h"
#include "feed_rules.h"
#include "warnings.h"

#define FEED_INSIDE_PROBLEM                                                    \
	"the host lies inside, where feeds may not ask (SUYUAN_FEED_INSIDE)"

/* --- feed_fetch.c: one document --- */

struct feed_fetch;
struct feed_fetched {
	const char *problem; /* NULL: all well; a sentence without values */
	long status;         /* of HTTP, 0: no answer came */
	bool unchanged;      /* it is as etag and last_modified say */
	const uint8_t *data; /* until cb returns */
	size_t len;
	const char *charset;              /* of Content-Type, "" */
	const char *etag, *last_modified; /* "" */
	int64_t retry_after_s;            /* 0: not said */
};
/* feed, url, etag and last_modified until cb, which is called once, from the
 * loop, never from inside this call. */
struct feed_fetch *
feed_fetch_start(struct social *svc, const Sy__V1__Feed *feed, const char *url,
		 const char *etag, const char *last_modified,
		 void (*cb)(const struct feed_fetched *f, void *arg),
		 void *arg);
/* Without a callback. NULL does nothing. */
void feed_fetch_cut(struct feed_fetch *fetch);

/* --- feed_mail.c: the mails of one look into a mailbox --- */

struct feed_mail;
struct feed_mailed {
	const char
		*problem; /* NULL: all well; what was read before it counts */
	struct feed_document document;
	bool denied;   /* login and password */
	size_t listed; /* mails that there are behind place, before the look */
	const char *place; /* how far the mailbox was read */
	uint64_t bytes;
};
/* Of at most so many mails. Items, problem and place lie in the arena. cb as of
 * feed_fetch_start. */
struct feed_mail *
feed_mail_start(struct social *svc, struct arena *arena,
		const Sy__V1__Feed *feed, const char *place, size_t most,
		void (*cb)(const struct feed_mailed *m, void *arg), void *arg);
/* Without a callback. NULL does nothing. */
void feed_mail_cut(struct feed_mail *mail);
/* All that are under way. */
void feed_mails_cut(struct social *svc);

/* --- feeds_poll.c --- */

struct feeds;
int feeds_open(struct feeds **f_r, struct social *svc, struct error *err);
/* After the bus, whose commands call back. */
void feeds_close(struct feeds **f);

/* --- feeds_store.c --- */

enum feeds_sql {
	FEEDS_SQL_READ = WARN_SQL_END,
	FEEDS_SQL_PUT,
	FEEDS_SQL_COUNT,
	FEEDS_SQL_LIST,
	FEEDS_SQL_END,
};
enum feeds_poll_sql {
	FEEDS_POLL_DUE,
	FEEDS_POLL_LOOKED,
	FEEDS_POLL_NR,
};
extern const struct db_statement feeds_poll_sql[FEEDS_POLL_NR];
#define FEEDS_SQL_FIRST FEEDS_SQL_READ
extern const struct db_statement feeds_sql[FEEDS_SQL_END - FEEDS_SQL_FIRST];

/* --- feeds_part.c, feeds_list.c, feed_try.c --- */

extern const struct part feeds_part;
void handle_list_feeds(struct bus_request *req);
void handle_try_feed(struct bus_request *req);

#endif
