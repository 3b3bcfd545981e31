/* drive.c -- a publishing program for the tests of libsuyuan: so many appeals,
 * or with service=social mentions, from so many threads, and a line of each
 *that was taken and of each outcome, written at once, so that what is in the
 *output of a killed run is true.
 *
 *	drive ENDPOINT KEY REGISTRY PUBLISHER OPTION=VALUE...
 *
 * spool= sync=host|process threads= count= prefix= unit= (of the appeals)
 * waiting= wait_ms= flush_ms= pause_us= (after each) close=0 (die instead)
 * quiet=1 (no lines), mode=async|wait|fork. */
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "suyuan.h"

#define OCCURRED_AT_US INT64_C(1772000000000000) /* 2026-02-25 */

static struct suyuan *s;
static int first_option, options_nr;
static char **options;

static const char *option(const char *name, const char *fallback)
{
	size_t len = strlen(name);

	for (int i = first_option; i < options_nr; i++)
		if (strncmp(options[i], name, len) == 0 &&
		    options[i][len] == '=')
			return options[i] + len + 1;
	return fallback;
}

static int number(const char *name, int fallback)
{
	const char *text = option(name, NULL);

	return text ? atoi(text) : fallback;
}

/* One write a line: no buffer is lost by kill -9. */
__attribute__((format(printf, 1, 2))) static void say(const char *fmt, ...)
{
	char line[640];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (len < 0 || write(STDOUT_FILENO, line, (size_t)len) != len)
		exit(3);
}

static const char *result_name(enum suyuan_result result)
{
	switch (result) {
	case SUYUAN_ACCEPTED:
		return "accepted";
	case SUYUAN_REJECTED:
		return "rejected";
	case SUYUAN_GIVEN_UP:
		return "given_up";
	}
	return "?";
}

static void say_outcome(const struct suyuan_outcome *o)
{
	say("outcome %s %s %s %s %s recovered=%d arg=%d\n",
	    result_name(o->result), o->key, o->code[0] ? o->code : "-",
	    o->field[0] ? o->field : "-", o->text[0] ? "text" : "-",
	    o->recovered, o->arg != NULL);
}

static void told(const struct suyuan_outcome *o, void *arg)
{
	(void)arg;
	if (!number("quiet", 0))
		say_outcome(o);
}

static void logged(int level, const char *text, void *arg)
{
	(void)arg;
	fprintf(stderr, "level %d: %s\n", level, text);
}

static bool is_social(void)
{
	return strcmp(option("service", ""), "social") == 0;
}

static int publish(const char *key)
{
	const struct suyuan_field appeal[] = {
		{ "external_id", key },
		{ "kind", "complaint" },
		{ "channel", option("channel", "web") },
		{ "topic", "delivery" },
		{ "unit", option("unit", "north-01") },
		{ "person.name", "Test Customer" },
		{ "text", "The letter is late" },
		{ NULL, NULL },
	};
	const struct suyuan_field mention[] = {
		{ "source", "vk" },
		{ "external_id", key },
		{ "text", option("text", "The letter is late") },
		{ "author", "somebody" },
		{ "url", "https://vk.example.org/1" },
		{ "reach", option("reach", "100") },
		{ NULL, NULL },
	};
	char source_key[80];
	struct suyuan_event event = {
		.type = "RegisterAppeal",
		.key = key,
		.occurred_at_us = OCCURRED_AT_US,
		.fields = appeal,
	};
	struct suyuan_outcome outcome;
	int status;

	if (is_social()) {
		snprintf(source_key, sizeof(source_key), "vk/%s", key);
		event.type = "PutMention";
		event.key = source_key;
		event.fields = mention;
	}
	if (strcmp(option("mode", "async"), "wait") != 0)
		return suyuan_publish(s, &event, number("wait_ms", -1), s);
	status =
		suyuan_publish_wait(s, &event, number("wait_ms", -1), &outcome);
	if (status == SUYUAN_OK)
		say_outcome(&outcome);
	return status;
}

static void *publish_many(void *arg)
{
	int thread = *(int *)arg, count = number("count", 10);
	int pause_us = number("pause_us", 0);
	const struct timespec pause = { pause_us / 1000000,
					pause_us % 1000000 * 1000L };

	for (int i = 0; i < count; i++) {
		char key[64];
		int status;

		snprintf(key, sizeof(key), "%s-%d-%d", option("prefix", "d"),
			 thread, i);
		status = publish(key);
		if (status != SUYUAN_OK) {
			say("failed %s %d %s\n", key, status,
			    suyuan_publish_why());
			if (status != SUYUAN_E_FULL)
				break;
		} else if (!number("quiet", 0)) {
			say("taken %s\n", key);
		}
		if (pause_us)
			nanosleep(&pause, NULL);
	}
	return NULL;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void say_stats(double elapsed_s)
{
	struct suyuan_stats st;

	suyuan_stats(s, &st, sizeof(st));
	say("stats taken=%llu sent=%llu accepted=%llu duplicate=%llu "
	    "rejected=%llu given_up=%llu waiting=%llu recovered=%llu "
	    "reconnects=%llu spool_bytes=%llu torn_bytes=%llu "
	    "elapsed_ms=%.0f\n",
	    (unsigned long long)st.taken, (unsigned long long)st.sent,
	    (unsigned long long)st.accepted, (unsigned long long)st.duplicate,
	    (unsigned long long)st.rejected, (unsigned long long)st.given_up,
	    (unsigned long long)st.waiting, (unsigned long long)st.recovered,
	    (unsigned long long)st.reconnects,
	    (unsigned long long)st.spool_bytes,
	    (unsigned long long)st.torn_bytes, elapsed_s * 1e3);
}

/* What the child of a program that publishes may do: nothing, and say so. */
static void try_fork(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		struct suyuan *mine = s;

		status = publish("child");
		suyuan_close(&mine);
		_exit(status == SUYUAN_E_FORKED ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	say("child %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void run_threads(void)
{
	pthread_t threads[16];
	int numbers[16], n = number("threads", 1);

	for (int i = 0; i < n && i < 16; i++) {
		numbers[i] = i;
		if (pthread_create(&threads[i], NULL, publish_many,
				   &numbers[i]) != 0)
			exit(3);
	}
	for (int i = 0; i < n && i < 16; i++)
		pthread_join(threads[i], NULL);
}

int main(int argc, char **argv)
{
	struct suyuan_options o = SUYUAN_OPTIONS;
	char why[256];
	double began_s;
	int status;

	if (argc < 5)
		return 2;
	first_option = 5;
	options_nr = argc;
	options = argv;
	o.endpoint = argv[1];
	o.key_file = argv[2];
	o.registry_file = argv[3];
	o.publisher = argv[4];
	if (is_social())
		o.service = "social";
	o.spool_file = option("spool", NULL);
	o.spool_sync = strcmp(option("sync", "host"), "host") == 0
			       ? SUYUAN_SYNC_HOST
			       : SUYUAN_SYNC_PROCESS;
	o.spool_bytes = (size_t)number("spool_bytes", 0);
	o.max_waiting = (size_t)number("waiting", 0);
	o.outcome_cb = told;
	o.log_cb = logged;
	status = suyuan_open(&s, &o, why, sizeof(why));
	if (status != SUYUAN_OK) {
		say("open %d %s\n", status, why);
		return 1;
	}
	began_s = now_s();
	run_threads();
	if (strcmp(option("mode", "async"), "fork") == 0)
		try_fork();
	status = suyuan_flush(s, number("flush_ms", 60000));
	say("flush %d %s\n", status, suyuan_why(s));
	suyuan_trouble(s, why, sizeof(why));
	say("trouble %s\n", why);
	say_stats(now_s() - began_s);
	if (number("close", 1))
		suyuan_close(&s);
	return status == SUYUAN_OK ? 0 : 1;
}
