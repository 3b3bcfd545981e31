/* static.c -- what does not change while the program runs: all files of
 * SUYUAN_WEB_DIR and what the program itself makes at start, compressed once,
 * so that nothing of the disk is reached by a path that somebody sends. Names
 * that hold a hash never change and are kept by browsers for ever. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <uthash.h>
#include <xxhash.h>

#include "log.h"
#include "parts.h"

/* Nothing inline, nothing from elsewhere. */
#define PAGE_CSP                                                               \
	"default-src 'self'; img-src 'self' data:; object-src 'none'; "        \
	"base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
#define FILES_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define FOLDERS_DEEP 8
/* What the pages are built with; their own addresses stand below it. */
#define BASE "<base href=\"/\">"
#define INDEX "/index.html"
/* The pages for everybody, which begin by themselves. */
#define PUBLIC_INDEX "/public.html"
#define FOREVER "public, max-age=31536000, immutable"
#define GZIP_BEST 9

struct file {
	char *path; /* "/assets/index-4f3a2b1c.js" */
	char etag[40];
	struct MHD_Response *plain, *packed, *unchanged;
	UT_hash_handle hh;
};

struct files {
	struct file *by_path;
	size_t bytes;
};

static const struct {
	const char *suffix, *type;
	bool text; /* worth compressing */
} types[] = {
	{ ".html", "text/html; charset=utf-8", true },
	{ ".js", "text/javascript; charset=utf-8", true },
	{ ".css", "text/css; charset=utf-8", true },
	{ ".json", "application/json", true },
	{ ".webmanifest", "application/manifest+json", true },
	{ ".svg", "image/svg+xml", true },
	{ ".txt", "text/plain; charset=utf-8", true },
	{ ".map", "application/json", true },
	{ ".png", "image/png", false },
	{ ".ico", "image/x-icon", false },
	{ ".webp", "image/webp", false },
	{ ".woff2", "font/woff2", false },
};

static const char *type_of(const char *path, bool *text_r)
{
	const char *dot = strrchr(path, '.');

	*text_r = false;
	for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].suffix, dot) == 0) {
			*text_r = types[i].text;
			return types[i].type;
		}
	}
	return "application/octet-stream";
}

/* The build puts what has a hash in its name, and only that, there. */
static bool is_hashed(const char *path)
{
	return strncmp(path, "/assets/", 8) == 0;
}

/* --- loading ---------------------------------------------------------------
 */

/* data is malloc()ed and taken over; NULL: an answer without a body. */
static struct MHD_Response *make(const struct file *file, const char *type,
				 char *data, size_t len, bool packed)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
		len, data,
		data ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);

	if (!r)
		abort();
	if (data)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (packed)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_ENCODING,
					"gzip");
	MHD_add_response_header(r, MHD_HTTP_HEADER_ETAG, file->etag);
	MHD_add_response_header(r, MHD_HTTP_HEADER_VARY, "Accept-Encoding");
	MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL,
				is_hashed(file->path) ? FOREVER : "no-cache");
	add_security_headers(r, PAGE_CSP);
	return r;
}

void files_add(struct gateway *gw, const char *path, char *data, size_t len)
{
	struct files *files = gw->files;
	struct file *file = calloc(1, sizeof(*file));
	XXH128_hash_t hash = XXH3_128bits(data, len);
	size_t packed_len = 0;
	char *packed = NULL;
	const char *type;
	bool text;

	if (!file || !(file->path = strdup(path)))
		abort();
	snprintf(file->etag, sizeof(file->etag), "W/\"%016llx%016llx\"",
		 (unsigned long long)hash.high64,
		 (unsigned long long)hash.low64);
	type = type_of(path, &text);
	if (text && len > 0)
		packed = gzip_data(data, len, GZIP_BEST, &packed_len);
	if (packed)
		file->packed = make(file, type, packed, packed_len, true);
	file->plain = make(file, type, data, len, false);
	file->unchanged = make(file, NULL, NULL, 0, false);
	files->bytes += len;
	HASH_ADD_KEYPTR(hh, files->by_path, file->path, strlen(file->path),
			file);
}

/* The page with the path prefix as its base; data is malloc()ed. */
static char *set_base(const struct gateway *gw, char *data, size_t *len)
{
	const char *prefix = gw->conf.path_prefix;
	const char *base = memmem(data, *len, BASE, strlen(BASE));
	char *out = NULL;
	int n;

	if (!base)
		return data;
	n = asprintf(&out, "%.*s<base href=\"%s/\">%.*s", (int)(base - data),
		     data, prefix,
		     (int)(*len - (size_t)(base - data) - strlen(BASE)),
		     base + strlen(BASE));
	if (n < 0)
		abort();
	free(data);
	*len = (size_t)n;
	return out;
}

static int load_file(struct gateway *gw, const char *full, const char *path,
		     size_t size, struct error *err)
{
	struct files *files = gw->files;
	FILE *f = fopen(full, "re");
	char *data = malloc(size + 1);

	if (!f || !data || files->bytes + size > FILES_MAX_BYTES ||
	    fread(data, 1, size, f) != size) {
		error_set(err,
			  "SUYUAN_WEB_DIR: %s cannot be read, or is too "
			  "large",
			  path);
		free(data);
		if (f)
			fclose(f);
		return -1;
	}
	fclose(f);
	if (strcmp(path, INDEX) == 0 || strcmp(path, PUBLIC_INDEX) == 0)
		data = set_base(gw, data, &size);
	files_add(gw, path, data, size);
	return 0;
}

static int load_folder(struct gateway *gw, const char *below, int depth,
		       struct error *err)
{
	char full[4096], path[1024];
	struct dirent *entry;
	struct stat st;
	int status = 0;
	DIR *dir;

	snprintf(full, sizeof(full), "%s%s", gw->conf.web_dir, below);
	dir = depth < FOLDERS_DEEP ? opendir(full) : NULL;
	if (!dir)
		return error_set(err, "SUYUAN_WEB_DIR%s: %s", below,
				 strerror(errno));
	while (status == 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", below, entry->d_name);
		snprintf(full, sizeof(full), "%s%s", gw->conf.web_dir, path);
		if (stat(full, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			status = load_folder(gw, path, depth + 1, err);
		else if (S_ISREG(st.st_mode))
			status = load_file(gw, full, path, (size_t)st.st_size,
					   err);
	}
	closedir(dir);
	return status;
}

int files_open(struct gateway *gw, struct error *err)
{
	gw->files = calloc(1, sizeof(*gw->files));
	if (!gw->files)
		return error_set(err, "pages: no memory");
	if (!*gw->conf.web_dir)
		return 0;
	if (load_folder(gw, "", 0, err) < 0)
		return -1;
	log_info("pages: %u files, %zu bytes", HASH_COUNT(gw->files->by_path),
		 gw->files->bytes);
	return 0;
}

void files_close(struct gateway *gw)
{
	struct file *file, *next;

	if (!gw->files)
		return;
	HASH_ITER (hh, gw->files->by_path, file, next) {
		HASH_DEL(gw->files->by_path, file);
		MHD_destroy_response(file->plain);
		MHD_destroy_response(file->unchanged);
		if (file->packed)
			MHD_destroy_response(file->packed);
		free(file->path);
		free(file);
	}
	free(gw->files);
	gw->files = NULL;
}

/* --- serving ---------------------------------------------------------------
 */

static bool is_public(const char *path)
{
	return strncmp(path, "/public", 7) == 0 &&
	       (path[7] == '\0' || path[7] == '/');
}

/* Of the operations port (ops.h): here a balancer would take a page for health.
 */
static bool is_probe(const char *path)
{
	static const char *const probes[] = { "/livez", "/readyz", "/healthz",
					      "/health", "/metrics" };

	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
		if (strcmp(path, probes[i]) == 0)
			return true;
	return false;
}

/* An address of the pages themselves, which the program in index.html shows.
 * What has a dot, or is of the API, is a file that is not there. */
static bool is_page(const char *path)
{
	return !is_probe(path) && strncmp(path, "/api/", 5) != 0 &&
	       !strstr(path, "/.") && !strchr(strrchr(path, '/'), '.');
}

const struct file *files_find(const struct files *files, const char *path,
			      struct arena *arena)
{
	const char *wanted = percent_decode(path, strlen(path), false, arena);
	struct file *known = files->by_path, *file = NULL;

	if (wanted)
		HASH_FIND_STR(known, wanted, file);
	if (wanted && !file && is_page(wanted))
		HASH_FIND_STR(known, is_public(wanted) ? PUBLIC_INDEX : INDEX,
			      file);
	return file;
}

const char *file_path(const struct file *file)
{
	return file->path;
}

void files_serve(struct request *req, const char *path)
{
	const struct file *file;

	/* Pages name what they need relative to themselves, so "/x" must
	 * become "/x/". */
	if (!*path) {
		request_redirect(req, arena_printf(&req->arena, "%s/",
						   req->gw->conf.path_prefix));
		return;
	}
	file = files_find(req->gw->files, path, &req->arena);
	if (!file)
		request_fail(req, SY__V1__ERROR_CODE__NOT_FOUND, NULL,
			     "no such page");
	else if (etag_matches(req, file->etag))
		exchange_lend(req, MHD_HTTP_NOT_MODIFIED, file->unchanged);
	else if (file->packed && accepts_gzip(req))
		exchange_lend(req, MHD_HTTP_OK, file->packed);
	else
		exchange_lend(req, MHD_HTTP_OK, file->plain);
}
