/* headers.h -- headers of a request to outside; they may hold secrets. */
#ifndef SUYUAN_OUTSIDE_HEADERS_H
#define SUYUAN_OUTSIDE_HEADERS_H

#include <curl/curl.h>

/* Copies both; *headers begins as NULL. */
void outside_header_add(struct curl_slist **headers, const char *name,
			const char *value);
/* Overwrites, frees, and sets NULL. */
void outside_headers_free(struct curl_slist **headers);

#endif
