/* secrets.c -- see secrets.h. */
#include "outside/secrets.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#define SECRET_MAX_BYTES 4096
#define NAME_MAX_BYTES 64

static bool name_of(const char *name, const char *characters)
{
	size_t len = strlen(name);

	return len > 0 && len <= NAME_MAX_BYTES && name[0] != '.' &&
	       name[0] != '-' && strspn(name, characters) == len;
}

bool secret_name_acceptable(const char *name)
{
	return name_of(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
			     "XYZ0123456789-_.");
}

bool outside_name_acceptable(const char *name)
{
	return name_of(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.");
}

/* The part of a URL, "" if there is none; caller frees by curl_free. */
static char *url_part(CURLU *url, CURLUPart part)
{
	char *text = NULL;

	return curl_url_get(url, part, &text, 0) == CURLUE_OK ? text : NULL;
}

bool outside_url_acceptable(const char *text, const char *const *schemes)
{
	CURLU *url = curl_url();
	char *scheme = NULL, *host = NULL, *user = NULL, *password = NULL;
	bool good = false;

	if (url != NULL && curl_url_set(url, CURLUPART_URL, text, 0) == 0) {
		scheme = url_part(url, CURLUPART_SCHEME);
		host = url_part(url, CURLUPART_HOST);
		user = url_part(url, CURLUPART_USER);
		password = url_part(url, CURLUPART_PASSWORD);
		for (; scheme != NULL && *schemes != NULL; schemes++)
			good |= strcmp(scheme, *schemes) == 0;
		good = good && host != NULL && host[0] != '\0' &&
		       user == NULL && password == NULL;
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_free(password);
	curl_url_cleanup(url);
	return good;
}

char *outside_secret(const char *dir, const char *name, size_t *len_r)
{
	char path[4096], *secret = NULL;
	int fd;
	ssize_t n;

	if (dir[0] == '\0' || !secret_name_acceptable(name) ||
	    (size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >=
		    sizeof(path))
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	secret = malloc(SECRET_MAX_BYTES + 1);
	n = secret != NULL ? read(fd, secret, SECRET_MAX_BYTES + 1) : -1;
	close(fd);
	if (n <= 0 || n > SECRET_MAX_BYTES || memchr(secret, 0, (size_t)n)) {
		free(secret);
		return NULL;
	}
	if (secret[n - 1] == '\n')
		n--;
	secret[n] = '\0';
	*len_r = (size_t)n;
	return secret;
}
