/* passwords.c -- see passwords.h. The thread sees only its job's own copies. */
#include "passwords.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utlist.h>

/* Three passes over 64 MiB, the second recommendation of RFC 9106: a tenth of a
 * second on a small server. */
#define OPS 3
#define MEM_BYTES ((size_t)64 * 1024 * 1024)
/* One at a time, and behind everybody else's work: who guesses passwords at
 * full speed keeps others from signing in quickly, but not from working. A
 * third of the weight of other threads: at 10, a tenth, a machine at full load
 * let nobody in within seconds. */
#define AT_ONCE 1
#define NICE 5
#define JOBS_MAX (64 + AT_ONCE)

struct passwords {
	uv_loop_t *loop;
	int jobs_nr, working;
	struct password_job *waiting;
	char nobodys[crypto_pwhash_STRBYTES];
	uv_timer_t idle; /* tells it after the last answer was sent */
	void (*idle_cb)(void *arg);
	void *idle_arg;
};

struct password_job {
	struct passwords *pool;
	uv_work_t work;
	char *password;
	char hash[crypto_pwhash_STRBYTES];
	bool make, nobodys, ok;
	password_cb *cb;
	void *arg;
	struct password_job *prev, *next;
};

static bool hash_make(char hash[crypto_pwhash_STRBYTES], const char *password)
{
	return crypto_pwhash_str_alg(hash, password, strlen(password), OPS,
				     MEM_BYTES,
				     crypto_pwhash_ALG_ARGON2ID13) == 0;
}

int passwords_open(struct passwords **p_r, uv_loop_t *loop, struct error *err)
{
	struct passwords *p = calloc(1, sizeof(*p));
	char password[33];

	if (!p || sodium_init() < 0) {
		free(p);
		return error_set(err, "no memory");
	}
	p->loop = loop;
	for (size_t i = 0; i < sizeof(password) - 1; i++)
		password[i] = (char)('a' + randombytes_uniform(26));
	password[sizeof(password) - 1] = '\0';
	if (!hash_make(p->nobodys, password)) {
		free(p);
		return error_set(err, "no memory for Argon2id (64 MiB)");
	}
	uv_timer_init(loop, &p->idle);
	p->idle.data = p;
	*p_r = p;
	return 0;
}

static void idle_timer_cb(uv_timer_t *timer)
{
	struct passwords *p = timer->data;
	void (*cb)(void *arg) = p->idle_cb;

	if (p->jobs_nr)
		return;
	p->idle_cb = NULL;
	cb(p->idle_arg);
}

static void idle_check(struct passwords *p)
{
	if (p->jobs_nr == 0 && p->idle_cb)
		uv_timer_start(&p->idle, idle_timer_cb, 0, 0);
}

void passwords_when_idle(struct passwords *p, void (*cb)(void *arg), void *arg)
{
	p->idle_cb = cb;
	p->idle_arg = arg;
	idle_check(p);
}

static void closed_cb(uv_handle_t *handle)
{
	free(handle->data);
}

void passwords_close(struct passwords **p_r)
{
	struct passwords *p = *p_r;

	if (!p)
		return;
	*p_r = NULL;
	uv_close((uv_handle_t *)&p->idle, closed_cb);
}

struct password_job *password_job_new(struct passwords *p)
{
	struct password_job *job;

	if (p->jobs_nr == JOBS_MAX)
		return NULL;
	job = calloc(1, sizeof(*job));
	if (!job)
		abort(); /* as arena_alloc: a crash is survived */
	job->pool = p;
	job->work.data = job;
	p->jobs_nr++;
	return job;
}

void password_job_free(struct password_job *job)
{
	struct passwords *p = job->pool;

	sodium_memzero(job->hash, sizeof(job->hash));
	free(job);
	p->jobs_nr--;
	idle_check(p);
}

const char *password_job_hash(const struct password_job *job)
{
	return job->hash;
}

static void work_cb(uv_work_t *work)
{
	struct password_job *job = work->data;

	/* Of this thread alone, on Linux; without effect it is no worse. */
	setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	if (job->make)
		job->ok = hash_make(job->hash, job->password);
	else
		job->ok =
			crypto_pwhash_str_verify(job->hash, job->password,
						 strlen(job->password)) == 0 &&
			!job->nobodys;
	sodium_memzero(job->password, strlen(job->password));
}

static void start_next(struct passwords *p);

static void after_cb(uv_work_t *work, int status)
{
	struct password_job *job = work->data;
	struct passwords *p = job->pool;

	free(job->password);
	job->password = NULL;
	p->working--;
	job->cb(status == 0 && job->ok, job->arg);
	start_next(p);
}

static void start_next(struct passwords *p)
{
	while (p->waiting && p->working < AT_ONCE) {
		struct password_job *job = p->waiting;

		DL_DELETE(p->waiting, job);
		p->working++;
		if (uv_queue_work(p->loop, &job->work, work_cb, after_cb) != 0)
			abort(); /* only a missing callback makes it fail */
	}
}

static void job_start(struct password_job *job, const char *password,
		      password_cb *cb, void *arg)
{
	job->password = strdup(password);
	if (!job->password)
		abort();
	job->cb = cb;
	job->arg = arg;
	DL_APPEND(job->pool->waiting, job);
	start_next(job->pool);
}

void password_verify(struct password_job *job, const char *password,
		     const char *hash, password_cb *cb, void *arg)
{
	job->make = false;
	job->nobodys = !hash || strlen(hash) >= sizeof(job->hash);
	snprintf(job->hash, sizeof(job->hash), "%s",
		 job->nobodys ? job->pool->nobodys : hash);
	job_start(job, password, cb, arg);
}

void password_make(struct password_job *job, const char *password,
		   password_cb *cb, void *arg)
{
	job->make = true;
	job_start(job, password, cb, arg);
}
