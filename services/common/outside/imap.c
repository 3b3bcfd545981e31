/* imap.c -- see imap.h. libcurl speaks IMAP: it logs in, selects, and
 * fetches by the UID and UIDVALIDITY of a URL; the list is a command of our
 * own, whose answer comes line by line.
 */
#include "outside/imap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outside/guard.h"
#include "timeutil.h"

#define URL_ROOM 640
#define LINE_MAX_BYTES 1024

struct imap {
	/* Its own: a connection of an earlier look knows nothing of the mails
	 * that have come since, and would call them gone. */
	struct transfers *transfers;
	CURL *easy;
	char url[URL_ROOM];
	void (*cb)(enum imap_outcome outcome, void *arg);
	void *arg;
	bool fetching;
	struct imap_list list;
	char line[LINE_MAX_BYTES]; /* of the list, until its end came */
	size_t line_len;
	uint8_t *mail;
	size_t len, cap, max;
	int64_t after_uid;
	bool large;
	char problem[128];
	struct outside_guard guard;
	bool barred;
	bool denied; /* login and password are not taken */
};

/* --- lines, pure --- */

/* The number behind a word of the line, -1: there is none. */
static int64_t number_after(const char *line, const char *word)
{
	const char *p = strcasestr(line, word);
	char *end;
	long long n;

	if (p == NULL)
		return -1;
	p += strlen(word);
	if (*p < '0' || *p > '9')
		return -1;
	n = strtoll(p, &end, 10);
	/* both are unsigned 32 bits, sizes 63 (RFC 3501, 9443) */
	return n < 0 || n == INT64_MAX ? -1 : n;
}

bool imap_entry_read(const char *line, struct imap_entry *entry_r)
{
	const char *fetch = strcasestr(line, " FETCH (");
	const char *date;
	char text[40];
	time_t when = -1;

	if (line[0] != '*' || fetch == NULL)
		return false;
	entry_r->uid = number_after(fetch, "UID ");
	entry_r->bytes = number_after(fetch, "RFC822.SIZE ");
	if (entry_r->uid <= 0 || entry_r->uid > UINT32_MAX ||
	    entry_r->bytes < 0)
		return false;
	date = strcasestr(fetch, "INTERNALDATE \"");
	if (date != NULL) {
		date += strlen("INTERNALDATE \"");
		snprintf(text, sizeof(text), "%.*s", (int)strcspn(date, "\""),
			 date);
		when = curl_getdate(text, NULL);
	}
	entry_r->received_us =
		when > 0 && when <= UINT32_MAX ? (int64_t)when * US_PER_S : 0;
	return true;
}

int64_t imap_uidvalidity_read(const char *line)
{
	int64_t n = number_after(line, "[UIDVALIDITY ");

	return n > 0 && n <= UINT32_MAX ? n : 0;
}

void imap_list_add(struct imap_list *list, const struct imap_entry *entry)
{
	size_t i = list->n;

	while (i > 0 && list->entries[i - 1].uid > entry->uid)
		i--;
	if (i == IMAP_LIST_MAX ||
	    (i > 0 && list->entries[i - 1].uid == entry->uid))
		return;
	if (list->n == IMAP_LIST_MAX)
		list->n--;
	memmove(&list->entries[i + 1], &list->entries[i],
		(list->n - i) * sizeof(list->entries[0]));
	list->entries[i] = *entry;
	list->n++;
}

/* --- what the server says --- */

static size_t header_cb(char *data, size_t size, size_t n, void *arg)
{
	struct imap *imap = arg;
	char line[LINE_MAX_BYTES];
	int64_t uidvalidity;

	snprintf(line, sizeof(line), "%.*s", (int)(size * n), data);
	uidvalidity = imap_uidvalidity_read(line);
	if (uidvalidity != 0)
		imap->list.uidvalidity = uidvalidity;
	return size * n;
}

static void list_line(struct imap *imap)
{
	struct imap_entry entry;

	imap->line[imap->line_len] = '\0';
	imap->line_len = 0;
	/* "n:*" names the last mail always */
	if (imap_entry_read(imap->line, &entry) && entry.uid > imap->after_uid)
		imap_list_add(&imap->list, &entry);
}

static void mail_add(struct imap *imap, const char *data, size_t len)
{
	if (imap->len + len > imap->max) {
		imap->large = true;
		return;
	}
	if (imap->len + len > imap->cap) {
		size_t cap = 2 * (imap->len + len);
		uint8_t *mail = realloc(imap->mail, cap);

		if (mail == NULL)
			abort();
		imap->mail = mail;
		imap->cap = cap;
	}
	memcpy(imap->mail + imap->len, data, len);
	imap->len += len;
}

static size_t write_cb(char *data, size_t size, size_t n, void *arg)
{
	struct imap *imap = arg;

	if (imap->fetching) {
		mail_add(imap, data, size * n);
		return imap->large ? 0 : size * n;
	}
	for (size_t i = 0; i < size * n; i++) {
		if (data[i] == '\n')
			list_line(imap);
		else if (imap->line_len < LINE_MAX_BYTES - 1)
			imap->line[imap->line_len++] = data[i];
	}
	return size * n;
}

static void done_cb(CURL *easy, CURLcode code, void *arg)
{
	struct imap *imap = arg;
	enum imap_outcome outcome = IMAP_FAILED;

	(void)easy;
	if (imap->fetching && imap->large)
		outcome = IMAP_LARGE;
	else if (code == CURLE_OK)
		outcome =
			imap->fetching && imap->len == 0 ? IMAP_GONE : IMAP_OK;
	else if (imap->fetching && code == CURLE_REMOTE_FILE_NOT_FOUND)
		outcome = IMAP_GONE;
	else
		snprintf(imap->problem, sizeof(imap->problem), "%s",
			 curl_easy_strerror(code));
	imap->barred = outside_guard_barred(&imap->guard, code);
	imap->denied = code == CURLE_LOGIN_DENIED;
	imap->cb(outcome, imap->arg);
}

/* --- asking --- */

struct imap *imap_open(uv_loop_t *loop, const char *url, const char *login,
		       const char *password, const char *ca_file,
		       const struct outside_hosts *hosts, int64_t timeout_ms,
		       void (*cb)(enum imap_outcome outcome, void *arg),
		       void *arg)
{
	struct imap *imap = calloc(1, sizeof(*imap));

	if (imap == NULL)
		abort();
	if (transfers_open(&imap->transfers, loop, NULL) < 0)
		abort();
	imap->cb = cb;
	imap->arg = arg;
	snprintf(imap->url, sizeof(imap->url), "%s", url);
	imap->easy = transfer_new(ca_file, timeout_ms);
	if (imap->easy == NULL)
		abort();
	curl_easy_setopt(imap->easy, CURLOPT_PROTOCOLS_STR, "imap,imaps");
	curl_easy_setopt(imap->easy, CURLOPT_USE_SSL, CURLUSESSL_ALL);
	curl_easy_setopt(imap->easy, CURLOPT_USERNAME, login);
	curl_easy_setopt(imap->easy, CURLOPT_PASSWORD, password);
	curl_easy_setopt(imap->easy, CURLOPT_HEADERFUNCTION, header_cb);
	curl_easy_setopt(imap->easy, CURLOPT_HEADERDATA, imap);
	curl_easy_setopt(imap->easy, CURLOPT_WRITEFUNCTION, write_cb);
	curl_easy_setopt(imap->easy, CURLOPT_WRITEDATA, imap);
	if (hosts != NULL)
		outside_guard_set(&imap->guard, hosts, imap->easy);
	return imap;
}

void imap_close(struct imap **imap_p)
{
	struct imap *imap = *imap_p;

	if (imap == NULL)
		return;
	*imap_p = NULL;
	transfer_cut(imap->transfers, imap->easy);
	curl_easy_cleanup(imap->easy);
	transfers_close(&imap->transfers);
	free(imap->mail);
	free(imap);
}

void imap_look(struct imap *imap, int64_t after_uid)
{
	char command[80];

	imap->fetching = false;
	imap->list.n = 0;
	imap->line_len = 0;
	imap->after_uid = after_uid;
	snprintf(command, sizeof(command),
		 "UID FETCH %lld:* (RFC822.SIZE INTERNALDATE)",
		 (long long)after_uid + 1);
	curl_easy_setopt(imap->easy, CURLOPT_URL, imap->url);
	curl_easy_setopt(imap->easy, CURLOPT_CUSTOMREQUEST, command);
	transfer_start(imap->transfers, imap->easy, done_cb, imap);
}

void imap_fetch(struct imap *imap, int64_t uidvalidity, int64_t uid,
		int64_t max_bytes)
{
	char url[URL_ROOM + 64];

	imap->fetching = true;
	imap->len = 0;
	imap->large = false;
	imap->max = (size_t)max_bytes;
	snprintf(url, sizeof(url), "%s;UIDVALIDITY=%lld/;UID=%lld", imap->url,
		 (long long)uidvalidity, (long long)uid);
	curl_easy_setopt(imap->easy, CURLOPT_URL, url);
	curl_easy_setopt(imap->easy, CURLOPT_CUSTOMREQUEST, NULL);
	transfer_start(imap->transfers, imap->easy, done_cb, imap);
}

const struct imap_list *imap_list(const struct imap *imap)
{
	return &imap->list;
}

const uint8_t *imap_mail(const struct imap *imap, size_t *len_r)
{
	*len_r = imap->len;
	return imap->mail;
}

bool imap_forbidden(const struct imap *imap)
{
	return imap->barred;
}

bool imap_denied(const struct imap *imap)
{
	return imap->denied;
}

const char *imap_problem(const struct imap *imap)
{
	return imap->problem;
}
