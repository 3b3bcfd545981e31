/* keys.c -- key pairs and the registry, as small text files. How the registry
 * is changed: keys_edit.c. */
#include "bus/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>
#include <zmq.h>

#include "log.h"

#define RELOAD_MS 500

struct entry {
	char public_z85[KEY_Z85_SIZE];
	char principal[PRINCIPAL_MAX];
	UT_hash_handle hh;
};

struct registry {
	struct entry *entries; /* in the order of the file */
	char *path;
	struct timespec modified;
	off_t size;
	ino_t inode;
	uv_timer_t timer;
	bool has_timer;
};

bool key_valid(const char *text)
{
	uint8_t raw[32];

	return strlen(text) == KEY_Z85_SIZE - 1 &&
	       zmq_z85_decode(raw, text) != NULL;
}

bool principal_valid(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < PRINCIPAL_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.-") == len;
}

void key_fingerprint(const char *public_z85, char text_r[KEY_FINGERPRINT_SIZE])
{
	uint8_t raw[32], hash[crypto_hash_sha256_BYTES];
	size_t len = strlen(KEY_FINGERPRINT_PREFIX);

	zmq_z85_decode(raw, public_z85);
	crypto_hash_sha256(hash, raw, sizeof(raw));
	memcpy(text_r, KEY_FINGERPRINT_PREFIX, len);
	sodium_bin2hex(text_r + len, KEY_FINGERPRINT_SIZE - len, hash, 8);
}

static bool is_pair(const struct bus_key *key)
{
	char public_z85[KEY_Z85_SIZE];

	return zmq_curve_public(public_z85, key->secret_z85) == 0 &&
	       strcmp(public_z85, key->public_z85) == 0;
}

int key_load(const char *path, struct bus_key *key_r, struct error *err)
{
	char word[16], value[64];
	FILE *file = fopen(path, "re");

	if (!file)
		return error_set(err, "key %s: %s", path, strerror(errno));
	memset(key_r, 0, sizeof(*key_r));
	while (fscanf(file, "%15s %63s", word, value) == 2) {
		char *to = strcmp(word, "public") == 0   ? key_r->public_z85
			   : strcmp(word, "secret") == 0 ? key_r->secret_z85
							 : NULL;

		if (to && key_valid(value))
			memcpy(to, value, KEY_Z85_SIZE);
	}
	fclose(file);
	if (!key_r->public_z85[0] || !key_r->secret_z85[0])
		return error_set(err,
				 "key %s: wants the lines 'public Z85' and "
				 "'secret Z85'",
				 path);
	if (!is_pair(key_r))
		return error_set(err,
				 "key %s: its lines are of two different pairs",
				 path);
	return 0;
}

int key_make(const char *path, struct bus_key *key_r, struct error *err)
{
	char text[128];
	int len, fd;

	if (zmq_curve_keypair(key_r->public_z85, key_r->secret_z85) < 0)
		return error_set(err, "no CURVE in this libzmq");
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(err, "key %s: %s", path, strerror(errno));
	len = snprintf(text, sizeof(text), "public %s\nsecret %s\n",
		       key_r->public_z85, key_r->secret_z85);
	if (write(fd, text, (size_t)len) != len || close(fd) < 0)
		return error_set(err, "key %s: %s", path, strerror(errno));
	return 0;
}

int key_load_public(const char *path, char public_z85_r[KEY_Z85_SIZE],
		    struct error *err)
{
	char word[16], value[64];
	FILE *file = fopen(path, "re");

	if (!file)
		return error_set(err, "key %s: %s", path, strerror(errno));
	public_z85_r[0] = '\0';
	while (fscanf(file, "%15s %63s", word, value) == 2)
		if (strcmp(word, "public") == 0 && key_valid(value))
			memcpy(public_z85_r, value, KEY_Z85_SIZE);
	fclose(file);
	if (!public_z85_r[0])
		return error_set(err, "key %s: wants the line 'public Z85'",
				 path);
	return 0;
}

enum key_line key_line_read(const char *line, char key_r[KEY_Z85_SIZE],
			    char principal_r[PRINCIPAL_MAX])
{
	char key[64] = "", principal[PRINCIPAL_MAX] = "", more[2];
	int words = sscanf(line, "%63s %63s %1s", key, principal, more);

	if (words <= 0 || key[0] == '#')
		return KEY_LINE_COMMENT;
	if (words != 2 || !key_valid(key) || !principal_valid(principal))
		return KEY_LINE_BAD;
	memcpy(key_r, key, KEY_Z85_SIZE);
	memcpy(principal_r, principal, PRINCIPAL_MAX);
	return KEY_LINE_ENTRY;
}

static void entries_free(struct entry **entries)
{
	struct entry *e, *next;

	HASH_ITER (hh, *entries, e, next) {
		HASH_DEL(*entries, e);
		free(e);
	}
}

static int entries_load(FILE *file, struct entry **entries_r, struct error *err)
{
	char line[256];
	int number = 0;

	*entries_r = NULL;
	while (fgets(line, sizeof(line), file)) {
		char key[KEY_Z85_SIZE], principal[PRINCIPAL_MAX];
		enum key_line sort = key_line_read(line, key, principal);
		struct entry *e;

		number++;
		if (sort == KEY_LINE_COMMENT)
			continue;
		if (sort == KEY_LINE_BAD) {
			entries_free(entries_r);
			return error_set(err, "line %d: wants 'Z85 principal'",
					 number);
		}
		HASH_FIND_STR(*entries_r, key, e);
		if (e) {
			entries_free(entries_r);
			return error_set(err, "line %d: a key twice", number);
		}
		e = calloc(1, sizeof(*e));
		if (!e)
			abort();
		memcpy(e->public_z85, key, KEY_Z85_SIZE);
		memcpy(e->principal, principal, PRINCIPAL_MAX);
		HASH_ADD_STR(*entries_r, public_z85, e);
	}
	if (!ferror(file))
		return 0;
	entries_free(entries_r);
	return error_set(err, "%s", strerror(errno)); /* a folder, say */
}

static int registry_load(struct registry *reg, struct error *err)
{
	struct entry *entries;
	struct stat st;
	FILE *file = fopen(reg->path, "re");
	int status = -1;

	if (!file)
		return error_set(err, "registry %s: %s", reg->path,
				 strerror(errno));
	if (fstat(fileno(file), &st) < 0) {
		error_set(err, "registry %s: %s", reg->path, strerror(errno));
		goto out;
	}
	reg->modified = st.st_mtim;
	reg->size = st.st_size;
	reg->inode = st.st_ino;
	if (entries_load(file, &entries, err) < 0) {
		error_prefix(err, "registry %s", reg->path);
		goto out;
	}
	entries_free(&reg->entries);
	reg->entries = entries;
	status = 0;
out:
	fclose(file);
	return status;
}

static void reload_cb(uv_timer_t *timer)
{
	struct registry *reg = timer->data;
	struct error err;
	struct stat st;

	if (stat(reg->path, &st) < 0 ||
	    (st.st_mtim.tv_sec == reg->modified.tv_sec &&
	     st.st_mtim.tv_nsec == reg->modified.tv_nsec &&
	     st.st_size == reg->size && st.st_ino == reg->inode))
		return;
	if (registry_load(reg, &err) < 0)
		log_error("keys stay as they were: %s", err.text);
	else
		log_info("keys read again: %u", HASH_COUNT(reg->entries));
}

int registry_open(struct registry **reg_r, uv_loop_t *loop, const char *path,
		  struct error *err)
{
	struct registry *reg = calloc(1, sizeof(*reg));

	*reg_r = NULL;
	if (!reg || !(reg->path = strdup(path))) {
		free(reg);
		return error_set(err, "no memory");
	}
	if (registry_load(reg, err) < 0) {
		free(reg->path);
		free(reg);
		return -1;
	}
	if (loop) {
		uv_timer_init(loop, &reg->timer);
		reg->timer.data = reg;
		reg->has_timer = true;
		uv_timer_start(&reg->timer, reload_cb, RELOAD_MS, RELOAD_MS);
		uv_unref((uv_handle_t *)&reg->timer);
	}
	*reg_r = reg;
	return 0;
}

static void registry_free(struct registry *reg)
{
	entries_free(&reg->entries);
	free(reg->path);
	free(reg);
}

static void closed_cb(uv_handle_t *handle)
{
	registry_free(handle->data);
}

void registry_close(struct registry **reg)
{
	if (!reg || !*reg)
		return;
	if ((*reg)->has_timer)
		uv_close((uv_handle_t *)&(*reg)->timer, closed_cb);
	else
		registry_free(*reg);
	*reg = NULL;
}

const char *registry_principal(const struct registry *reg,
			       const char *public_z85)
{
	struct entry *e;

	HASH_FIND_STR(reg->entries, public_z85, e);
	return e ? e->principal : NULL;
}

bool registry_at(const struct registry *reg, unsigned n,
		 const char **public_z85_r, const char **principal_r)
{
	const struct entry *e = reg->entries;

	while (e && n--)
		e = e->hh.next;
	if (!e)
		return false;
	*public_z85_r = e->public_z85;
	*principal_r = e->principal;
	return true;
}

const char *registry_key(const struct registry *reg, const char *principal)
{
	for (const struct entry *e = reg->entries; e; e = e->hh.next)
		if (strcmp(e->principal, principal) == 0)
			return e->public_z85;
	return NULL;
}
