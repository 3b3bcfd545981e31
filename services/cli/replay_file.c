/* replay_file.c -- see replay_file.h. A line that has no end was being written
 * when an earlier run was killed: it is cut off. */
#include "replay_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "timeutil.h"
#include "uuid.h"

static const char *text_of(const json_t *line, const char *name)
{
	const char *text = json_string_value(json_object_get(line, name));

	return text ? text : "";
}

/* The key stays the line's. */
static int event_of(const json_t *line, const char *stream,
		    struct replay_event *e)
{
	*e = (struct replay_event){
		.shard = (uint32_t)strtoul(text_of(line, "shard"), NULL, 10),
		.offset = strtoull(text_of(line, "offset"), NULL, 10),
		.revision = strtoull(text_of(line, "revision"), NULL, 10),
		.key = text_of(line, "partitionkey"),
	};
	if (strcmp(text_of(line, "stream"), stream) != 0 || e->offset == 0 ||
	    e->shard >= REPLAY_SHARDS_MAX ||
	    uuid_parse(text_of(line, "id"), e->event_id) != 0 ||
	    time_parse_us(text_of(line, "acceptedtime"), &e->accepted_at_us) <
		    0)
		return -1;
	return 0;
}

static int take_line(struct replay_file *f, const char *text, size_t len,
		     const char *stream, struct replay_check *check,
		     void (*told)(void *arg, const struct replay_event *event,
				  const char *wrong),
		     void *arg, struct error *err)
{
	json_t *line = json_loadb(text, len, 0, NULL);
	struct replay_event event;
	const char *wrong;
	int status = 0;

	f->resumed++;
	if (event_of(line, stream, &event) < 0)
		status = error_set(err, "%s: line %llu is no event of %s",
				   f->path, (unsigned long long)f->resumed,
				   stream);
	else if ((wrong = replay_check_event(check, &event)))
		told(arg, &event, wrong);
	json_decref(line);
	return status;
}

int replay_file_open(struct replay_file *f, const char *path,
		     const char *stream, struct replay_check *check,
		     void (*told)(void *arg, const struct replay_event *event,
				  const char *wrong),
		     void *arg, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	size_t room = 0;
	char *text = NULL;
	off_t end = 0;
	ssize_t len;
	int status = 0;

	*f = (struct replay_file){ .path = path };
	if (fd < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || !(f->file = fdopen(fd, "r+"))) {
		close(fd);
		return error_set(err, "%s: another program writes it", path);
	}
	while (status == 0 && (len = getline(&text, &room, f->file)) > 0 &&
	       text[len - 1] == '\n') {
		status = take_line(f, text, (size_t)len, stream, check, told,
				   arg, err);
		end += len;
	}
	free(text);
	if (status == 0 &&
	    (ftruncate(fd, end) < 0 || fseeko(f->file, end, SEEK_SET) < 0))
		status = error_set(err, "%s: %s", path, strerror(errno));
	if (status < 0) {
		fclose(f->file);
		f->file = NULL;
	}
	return status;
}

int replay_file_write(struct replay_file *f, const json_t *event,
		      struct error *err)
{
	if (json_dumpf(event, f->file, JSON_COMPACT) < 0 ||
	    fputc('\n', f->file) == EOF)
		return error_set(err, "%s: %s", f->path, strerror(errno));
	return 0;
}

int replay_file_close(struct replay_file *f, struct error *err)
{
	int status = 0;

	if (!f->file)
		return 0;
	/* Standard output may be no file at all. */
	if (fflush(f->file) != 0 ||
	    (f->file != stdout && fsync(fileno(f->file)) < 0))
		status = error_set(err, "%s: %s", f->path, strerror(errno));
	if (f->file != stdout)
		fclose(f->file);
	f->file = NULL;
	return status;
}
