/* error.h -- one way to fail: functions return 0 or -1 and fill a struct error.
 */
#ifndef SUYUAN_ERROR_H
#define SUYUAN_ERROR_H

/* Outcome of a call that failed. text is UTF-8, says what and where, and
 * holds no personal data. */
struct error {
	char text[512];
};

/* Fills err (which may be NULL) and returns -1, so that callers can write
 * `return error_set(err, ...)`. */
__attribute__((format(printf, 2, 3))) int error_set(struct error *err,
						    const char *fmt, ...);

/* Puts "what: " before the text that err has. Returns -1. */
__attribute__((format(printf, 2, 3))) int error_prefix(struct error *err,
						       const char *fmt, ...);

#endif
