/* settings.h -- configuration that every replica needs at once: watch rules,
 * the model in use, feeds. Its rows stand in tables of the part that owns it;
 * here is a revision a name, which every change raises in its own transaction
 * and each replica looks at once a second. What has changed is read, made ready
 * on a thread, and swapped in: nothing is restarted, no message waits.
 */
#ifndef SUYUAN_SOCIAL_SETTINGS_H
#define SUYUAN_SOCIAL_SETTINGS_H

#include "social.h"

struct setting {
	const char *name;           /* "watch" */
	struct db_statement select; /* its rows; no parameters */
	/* Where its revision stands; NULL: in the table of settings. */
	const char *revision;
	/* On the loop: copies what it needs out of the answer. NULL: it cannot,
	 * what is in use stays (told in the log by who says so). */
	void *(*take)(const struct db_result *res, int statement, void *arg);
	/* On a thread of its own: may take seconds, must touch nothing but
	 * made. NULL: nothing to do. */
	void (*make)(void *made);
	/* On the loop: what was made is in use from now on, what was before is
	 * freed. */
	void (*swap)(void *made, void *arg);
	/* Instead of swap, where the service ends meanwhile. */
	void (*drop)(void *made);
	void *arg; /* struct social * unless said otherwise */
};

struct settings;

/* list is ended by NULL and lives as long as the process. ready_cb is called
 * once each has been swapped in for the first time. */
int settings_open(struct settings **s_r, struct social *svc,
		  const struct setting *const *list,
		  void (*ready_cb)(void *arg), struct error *err);
bool settings_ready(const struct settings *s);
void settings_close(struct settings **s); /* NULL does nothing */

/* In a transaction of the bus (write of a part) that has changed the rows. */
void settings_touch(struct db_pipe *pipe, const char *name);

#endif
