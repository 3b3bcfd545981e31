/* passwords.h -- Argon2id off the loop: it takes a tenth of a second of CPU and
 * 64 MiB a time, so two at once, and a bounded number that wait. */
#ifndef SUYUAN_DIRECTORY_PASSWORDS_H
#define SUYUAN_DIRECTORY_PASSWORDS_H

#include <stdbool.h>

#include <uv.h>

#include "error.h"

struct passwords;
struct password_job;

int passwords_open(struct passwords **p_r, uv_loop_t *loop, struct error *err);
/* Calls cb from the loop once there is no job. */
void passwords_when_idle(struct passwords *p, void (*cb)(void *arg), void *arg);
/* There must be no job. NULL does nothing. */
void passwords_close(struct passwords **p);

/* A place in the queue, taken before the database is asked; NULL: all taken. */
struct password_job *password_job_new(struct passwords *p);
/* Not while it is being worked on. */
void password_job_free(struct password_job *job);

typedef void password_cb(bool ok, void *arg);
/* ok: it is the password of this hash. Without a hash the same work is done for
 * nothing. The password is copied, and wiped after the work. One job may be
 * used again, from its callback on. */
void password_verify(struct password_job *job, const char *password,
		     const char *hash, password_cb *cb, void *arg);
/* ok: password_job_hash has it. */
void password_make(struct password_job *job, const char *password,
		   password_cb *cb, void *arg);
const char *password_job_hash(const struct password_job *job);

#endif
