/* headers.c -- see headers.h. */
#include "outside/headers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

void outside_header_add(struct curl_slist **headers, const char *name,
			const char *value)
{
	size_t len = strlen(name) + strlen(value) + sizeof(": ");
	char *line = malloc(len);

	if (line == NULL)
		abort();
	snprintf(line, len, "%s: %s", name, value);
	*headers = curl_slist_append(*headers, line);
	sodium_memzero(line, len);
	free(line);
	if (*headers == NULL)
		abort();
}

void outside_headers_free(struct curl_slist **headers)
{
	for (struct curl_slist *h = *headers; h != NULL; h = h->next)
		sodium_memzero(h->data, strlen(h->data));
	curl_slist_free_all(*headers);
	*headers = NULL;
}
