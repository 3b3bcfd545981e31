/* lookup_answer.c -- what of an answer is kept: the values that the policy's
 * pointers find in its JSON, as texts.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "lookup.h"
#include "utf8.h"

/* --- JSON pointers (RFC 6901) --- */

/* The next word of a pointer without its escapes; returns what is behind it. */
static const char *word_read(const char *at, char *word)
{
	for (; *at != '\0' && *at != '/'; at++) {
		if (*at == '~')
			*word++ = *++at == '1' ? '/' : '~';
		else
			*word++ = *at;
	}
	*word = '\0';
	return at;
}

static const json_t *element(const json_t *array, const char *word)
{
	size_t len = strlen(word);

	/* as the RFC has it: no signs, no zeros before */
	if (len == 0 || len > 9 || strspn(word, "0123456789") != len ||
	    (word[0] == '0' && len > 1))
		return NULL;
	return json_array_get(array, strtoul(word, NULL, 10));
}

static const json_t *find(struct arena *arena, const json_t *at,
			  const char *pointer)
{
	char *word = arena_alloc(arena, strlen(pointer) + 1);

	while (at != NULL && *pointer == '/') {
		pointer = word_read(pointer + 1, word);
		at = json_is_array(at) ? element(at, word)
				       : json_object_get(at, word);
	}
	return at;
}

/* --- values as texts --- */

static bool is_line_control(unsigned char c)
{
	return c < ' ' || c == 0x7f;
}

/* One line that can be shown and stored. */
static char *line(struct arena *arena, const char *text)
{
	char *kept = arena_printf(arena, "%.*s",
				  utf8_fit(text, LOOKUP_KEPT_MAX), text);

	for (char *p = kept; *p != '\0'; p++) {
		if (is_line_control((unsigned char)*p))
			*p = ' ';
	}
	return kept;
}

static char *value_text(struct arena *arena, const json_t *value)
{
	char *dump, *kept;

	if (json_is_string(value))
		return line(arena, json_string_value(value));
	dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY |
					 JSON_REAL_PRECISION(15));
	if (dump == NULL)
		abort();
	kept = line(arena, dump);
	free(dump);
	return kept;
}

static Sy__V1__LookupValue *value_make(struct arena *arena,
				       const Sy__V1__LookupField *field,
				       const json_t *answer)
{
	Sy__V1__LookupValue *v = arena_alloc(arena, sizeof(*v));
	const json_t *found = find(arena, answer, field->pointer);

	sy__v1__lookup_value__init(v);
	v->names = field->names;
	v->n_names = field->n_names;
	/* a system says by null that it has nothing to say */
	v->missing = found == NULL || json_is_null(found);
	if (!v->missing)
		v->value = value_text(arena, found);
	return v;
}

bool lookup_answer(struct arena *arena, const Sy__V1__LookupRule *rule,
		   const char *body, size_t len, Sy__V1__LookupResult *result)
{
	json_t *answer = json_loadb(body, len, 0, NULL);

	if (answer == NULL)
		return false;
	result->values =
		arena_alloc(arena, (rule->n_shown + 1) * sizeof(void *));
	for (size_t i = 0; i < rule->n_shown; i++)
		result->values[result->n_values++] =
			value_make(arena, rule->shown[i], answer);
	json_decref(answer);
	return true;
}

/* --- what is asked --- */

char *lookup_body(struct arena *arena, const Sy__V1__LookupRule *rule,
		  lookup_value_fn *value, void *arg, const char **lacks_r)
{
	json_t *body = json_object();
	char *dump, *text;

	for (size_t i = 0; i < rule->n_body; i++) {
		text = lookup_fill(arena, rule->body[i]->value, false, value,
				   arg, lacks_r);
		if (text == NULL) {
			json_decref(body);
			return NULL;
		}
		json_object_set_new(body, rule->body[i]->name,
				    json_string(text));
	}
	dump = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	if (dump == NULL)
		abort();
	text = arena_strdup(arena, dump);
	free(dump);
	return text;
}
