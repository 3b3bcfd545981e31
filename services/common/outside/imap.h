/* imap.h -- one look into a mailbox: which mails there are behind the last
 * one, and the bytes of each. Over one connection, which ends with the look. */
#ifndef SUYUAN_OUTSIDE_IMAP_H
#define SUYUAN_OUTSIDE_IMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "outside/hosts.h"
#include "outside/transfer.h"

/* Mails of one look; what there is besides comes with the next. */
#define IMAP_LIST_MAX 100

struct imap_entry {
	int64_t uid;
	int64_t bytes;
	int64_t received_us; /* when the server got it */
};

struct imap_list {
	int64_t uidvalidity; /* 0 = the server did not say */
	struct imap_entry entries[IMAP_LIST_MAX]; /* ascending, the lowest */
	size_t n;
};

/* A line of the answer to UID FETCH (RFC822.SIZE INTERNALDATE); pure. False: it
 * is about something else. */
bool imap_entry_read(const char *line, struct imap_entry *entry_r);
/* "* OK [UIDVALIDITY 17] ..."; pure. 0: another line. */
int64_t imap_uidvalidity_read(const char *line);
/* Keeps the lowest, in order. */
void imap_list_add(struct imap_list *list, const struct imap_entry *entry);

enum imap_outcome {
	IMAP_OK,
	IMAP_GONE,   /* not in the mailbox any more, or it is another one */
	IMAP_LARGE,  /* more bytes than it said */
	IMAP_FAILED, /* problem says why */
};

struct imap;
/* hosts: what may be reached, NULL: anything; it outlives the look. */
struct imap *imap_open(uv_loop_t *loop, const char *url, const char *login,
		       const char *password, const char *ca_file,
		       const struct outside_hosts *hosts, int64_t timeout_ms,
		       void (*cb)(enum imap_outcome outcome, void *arg),
		       void *arg);
void imap_close(struct imap **imap);
/* Each calls cb once, later. */
void imap_look(struct imap *imap, int64_t after_uid);
void imap_fetch(struct imap *imap, int64_t uidvalidity, int64_t uid,
		int64_t max_bytes);

const struct imap_list *imap_list(const struct imap *imap);
const uint8_t *imap_mail(const struct imap *imap, size_t *len_r);
/* A sentence of ours, without values. */
const char *imap_problem(const struct imap *imap);
/* It failed since an address may not be reached. */
bool imap_forbidden(const struct imap *imap);
/* It failed since the server does not take login and password. */
bool imap_denied(const struct imap *imap);

#endif
