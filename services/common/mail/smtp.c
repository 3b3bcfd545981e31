/* smtp.c -- see smtp.h. */
#include "mail/smtp.h"

#include <stdlib.h>
#include <string.h>

#include <gmime/gmime.h>

/* RFC 5321, 4.5.3.1.3. */
#define ADDRESS_MAX 254

bool address_acceptable(const char *address)
{
	const char *at = strrchr(address, '@');

	if (at == NULL || at == address || at[1] == '\0' || at[1] == '.' ||
	    strlen(address) > ADDRESS_MAX || address[0] == '-')
		return false;
	for (const unsigned char *p = (const unsigned char *)address;
	     *p != '\0'; p++) {
		if (*p <= ' ' || *p == 0x7f || strchr("<>()[],;:\\\"", *p))
			return false;
	}
	return memchr(address, '@', (size_t)(at - address)) == NULL;
}

static int from_read(const char *text, struct mail_from *from_r,
		     struct error *err)
{
	InternetAddressList *list = internet_address_list_parse(NULL, text);
	InternetAddress *one = NULL;
	const char *address = NULL;

	if (list != NULL && internet_address_list_length(list) == 1)
		one = internet_address_list_get_address(list, 0);
	if (one != NULL && INTERNET_ADDRESS_IS_MAILBOX(one))
		address = internet_address_mailbox_get_addr(
			INTERNET_ADDRESS_MAILBOX(one));
	if (address != NULL && address_acceptable(address)) {
		const char *name = internet_address_get_name(one);

		from_r->address = strdup(address);
		from_r->name = strdup(name != NULL ? name : "");
	}
	if (list != NULL)
		g_object_unref(list);
	if (from_r->address == NULL || from_r->name == NULL)
		return error_set(err, "SUYUAN_MAIL_FROM: not one address");
	from_r->domain = strrchr(from_r->address, '@') + 1;
	return 0;
}

void mail_from_free(struct mail_from *from)
{
	free(from->name);
	free(from->address);
	*from = (struct mail_from){ 0 };
}

/* --- all of it --- */

static bool is_one_of(const char *text, const char *const *words)
{
	while (*words != NULL && strcmp(text, *words) != 0)
		words++;
	return *words != NULL;
}

static int server_check(const struct smtp_conf *conf, struct error *err)
{
	static const char *const schemes[] = { "smtp", "smtps", NULL };
	static const char *const tls[] = { "starttls", "none", NULL };
	bool plain = strncmp(conf->url, "smtp:", 5) == 0 &&
		     strcmp(conf->tls, "none") == 0;

	if (!is_one_of(conf->tls, tls))
		return error_set(err, "SUYUAN_SMTP_TLS: not starttls or none");
	if (conf->url[0] == '\0')
		return 0;
	if (!outside_url_acceptable(conf->url, schemes))
		return error_set(err, "SUYUAN_SMTP_URL: not smtp://host or "
				      "smtps://host without user and password");
	if ((conf->user[0] == '\0') != (conf->password[0] == '\0'))
		return error_set(err, "SUYUAN_SMTP_USER and "
				      "SUYUAN_SMTP_PASSWORD go together");
	if (plain && conf->user[0] != '\0')
		return error_set(err, "SUYUAN_SMTP_TLS: a password does not "
				      "go over an open line");
	if (conf->from[0] == '\0')
		return error_set(err, "SUYUAN_MAIL_FROM: required with "
				      "SUYUAN_SMTP_URL");
	return 0;
}

int smtp_conf_check(const struct smtp_conf *conf, struct mail_from *from_r,
		    struct error *err)
{
	g_mime_init();
	if (server_check(conf, err) < 0)
		return -1;
	return conf->from[0] != '\0' ? from_read(conf->from, from_r, err) : 0;
}

/* --- a letter --- */

char *letter_write(GMimeMessage *message, const char *subtype, const char *body,
		   size_t *len_r)
{
	GMimeTextPart *part;
	GMimeFormatOptions *format;
	GMimeStream *stream;
	GByteArray *bytes;
	char *out;

	part = g_mime_text_part_new_with_subtype(subtype);
	g_mime_text_part_set_charset(part, "utf-8");
	g_mime_text_part_set_text(part, body);
	g_mime_part_set_content_encoding(GMIME_PART(part),
					 GMIME_CONTENT_ENCODING_BASE64);
	g_mime_message_set_mime_part(message, GMIME_OBJECT(part));
	g_object_unref(part);

	format = g_mime_format_options_new();
	g_mime_format_options_set_newline_format(format,
						 GMIME_NEWLINE_FORMAT_DOS);
	stream = g_mime_stream_mem_new();
	g_mime_object_write_to_stream(GMIME_OBJECT(message), format, stream);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	out = malloc(bytes->len + 1);
	if (out != NULL) {
		memcpy(out, bytes->data, bytes->len);
		out[bytes->len] = '\0';
		*len_r = bytes->len;
	}
	g_object_unref(stream);
	g_mime_format_options_free(format);
	g_object_unref(message);
	return out;
}

void smtp_set(CURL *easy, const struct smtp_conf *conf,
	      const struct mail_from *from, struct curl_slist *to, size_t len)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(easy, CURLOPT_URL, conf->url);
	curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from->address);
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)len);
	if (strcmp(conf->tls, "none") != 0)
		curl_easy_setopt(easy, CURLOPT_USE_SSL, CURLUSESSL_ALL);
	if (conf->user[0] != '\0') {
		curl_easy_setopt(easy, CURLOPT_USERNAME, conf->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, conf->password);
	}
}
