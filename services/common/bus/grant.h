/* grant.h -- what a principal may do, checked on every message. */
#ifndef SUYUAN_GRANT_H
#define SUYUAN_GRANT_H

#include <stdbool.h>
#include <stdint.h>

enum bus_role {
	ROLE_READER = 1,    /* queries that read */
	ROLE_HANDLER = 2,   /* works on cases */
	ROLE_PUBLISHER = 4, /* brings events of its own in */
	ROLE_CONSUMER = 8,  /* fetches the streams it was granted */
	ROLE_ADMIN = 16,    /* changes the directory, recounts, repairs */
	/* Speaks for others: asks with an actor token, and then may what that
	 * actor may; by itself only what a table grants to this role. */
	ROLE_GATEWAY = 32,
	ROLE_AUDITOR = 64, /* reads who changed and who read what */
	/* Beside publisher: what it brings is judged, and takes no effect. */
	ROLE_SANDBOX = 128,
	ROLE_PRIVACY = 256, /* shows and erases what is kept of a customer */
};

#define GRANT_STREAMS_MAX 16
#define GRANT_CODE_MAX 64

struct bus_grant {
	uint32_t roles; /* of enum bus_role */
	bool all_streams;
	int streams_nr;
	char streams[GRANT_STREAMS_MAX][GRANT_CODE_MAX];
	char unit[GRANT_CODE_MAX]; /* root of its subtree, "" = all */
};

/* False: nothing is known of the principal, or it was revoked; refuse. */
typedef bool bus_grant_fn(void *arg, const char *principal,
			  struct bus_grant *grant_r);

bool grant_stream(const struct bus_grant *grant, const char *stream);
/* "reader" ... to its bit, 0 if unknown. */
uint32_t grant_role(const char *name);
/* "wants the role admin or consumer", for who has none of them. text_r. */
#define GRANT_WANTED_SIZE 160
const char *grant_wanted(uint32_t roles, char text_r[GRANT_WANTED_SIZE]);

#endif
