/* log.h -- JSON lines on stderr:
 * {"ts":...,"level":...,"service":...,"trace":...,"msg":...}. Never a value of
 * a field that may hold personal data. */
#ifndef SUYUAN_LOG_H
#define SUYUAN_LOG_H

#include <stdbool.h>

#include "trace.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* service stands in every line; borrowed, must outlive the process's logging.
 */
void log_open(const char *service, enum log_level threshold);

/* Lines for a person who runs a program: "program: message". */
void log_open_terminal(const char *program, enum log_level threshold);

/* For who would only prepare what is not written. */
bool log_enabled(enum log_level level);

/* The trace that the following lines belong to, until another or NULL is set.
 * Copied. One that is not set is as NULL. */
void log_trace(const struct trace *trace);

__attribute__((format(printf, 2, 3))) void log_write(enum log_level level,
						     const char *fmt, ...);

#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_write(LOG_INFO, __VA_ARGS__)
#define log_warn(...) log_write(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)

#endif
