/* lookup.h -- what a look-up in a system outside may be (LookupRule), pure: the
 * directory checks it by this before it is saved, complaints makes a call of
 * it.
 *
 * Templates hold {fields}: of the case, or what was typed in. In a URL their
 * values are encoded, so that a value is never more than a value there.
 */
#ifndef SUYUAN_LOOKUP_H
#define SUYUAN_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "outside/hosts.h"
#include "suyuan/v1/directory.pb-c.h"

#define LOOKUP_INPUTS_MAX 4
#define LOOKUP_HEADERS_MAX 4
#define LOOKUP_PARTS_MAX 16
#define LOOKUP_SHOWN_MAX 20
#define LOOKUP_TEMPLATE_MAX 1000 /* bytes */
#define LOOKUP_PATTERN_MAX 200
#define LOOKUP_VALUE_MAX 500
#define LOOKUP_TIMEOUT_MS 5000
#define LOOKUP_TIMEOUT_MAX_MS 15000
#define LOOKUP_ANSWER_BYTES (64 * 1024)
#define LOOKUP_ANSWER_MAX_BYTES (1024 * 1024)

/* What a template may name besides the inputs; ended by NULL. */
extern const char *const lookup_case_fields[];

/* The first fault, as a sentence, with the field of the record that it stands
 * in; NULL: none. Labels, codes and the match are the directory's to check. */
const char *lookup_fault(const Sy__V1__LookupRule *rule, const char **field_r);

/* May this be typed in there? */
bool lookup_input_fits(const Sy__V1__LookupInput *input, const char *value);

/* The value of a field; NULL or "": there is none. */
typedef const char *lookup_value_fn(void *arg, const char *name);
/* NULL: the field *lacks_r has no value, or none that can stand there. */
char *lookup_fill(struct arena *arena, const char *template, bool in_url,
		  lookup_value_fn *value, void *arg, const char **lacks_r);

#endif
