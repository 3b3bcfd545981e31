/* shape_lookup.c -- look-ups in systems outside: what they ask, of whom, and
 * what of the answer is shown, in one normal form. What may be asked at all
 * stands in dir/lookup.c. */
#include "dir/lookup.h"
#include "dir/shape_rules.h"

static Sy__V1__LookupInput *normal_input(struct arena *arena,
					 const Sy__V1__LookupInput *in,
					 struct shape_fault *r)
{
	Sy__V1__LookupInput *out = arena_alloc(arena, sizeof(*out));

	sy__v1__lookup_input__init(out);
	if (shape_names(arena, r, "policy.lookup.inputs.names", in->names,
			in->n_names, &out->names, &out->n_names) < 0)
		return NULL;
	out->name = arena_strdup(arena, in->name);
	out->pattern = arena_strdup(arena, in->pattern);
	return out;
}

static Sy__V1__LookupHeader *normal_header(struct arena *arena,
					   const Sy__V1__LookupHeader *in,
					   struct shape_fault *r)
{
	Sy__V1__LookupHeader *out = arena_alloc(arena, sizeof(*out));

	sy__v1__lookup_header__init(out);
	if (shape_code(r, "policy.lookup.headers.secret", in->secret) < 0)
		return NULL;
	out->name = arena_strdup(arena, in->name);
	out->secret = arena_strdup(arena, in->secret);
	return out;
}

static Sy__V1__LookupField *normal_field(struct arena *arena,
					 const Sy__V1__LookupField *in,
					 struct shape_fault *r)
{
	Sy__V1__LookupField *out = arena_alloc(arena, sizeof(*out));

	sy__v1__lookup_field__init(out);
	if (shape_names(arena, r, "policy.lookup.shown.names", in->names,
			in->n_names, &out->names, &out->n_names) < 0)
		return NULL;
	out->pointer = arena_strdup(arena, in->pointer);
	return out;
}

static Sy__V1__LookupPart *normal_part(struct arena *arena,
				       const Sy__V1__LookupPart *in)
{
	Sy__V1__LookupPart *out = arena_alloc(arena, sizeof(*out));

	sy__v1__lookup_part__init(out);
	out->name = arena_strdup(arena, in->name);
	out->value = arena_strdup(arena, in->value);
	return out;
}

/* The lists, in their order. */
static int normal_lists(struct arena *arena, const Sy__V1__LookupRule *in,
			Sy__V1__LookupRule *out, struct shape_fault *r)
{
	out->inputs = arena_alloc(arena, (in->n_inputs + 1) * sizeof(void *));
	out->headers = arena_alloc(arena, (in->n_headers + 1) * sizeof(void *));
	out->shown = arena_alloc(arena, (in->n_shown + 1) * sizeof(void *));
	out->body = arena_alloc(arena, (in->n_body + 1) * sizeof(void *));
	for (size_t i = 0; i < in->n_inputs; i++) {
		out->inputs[i] = normal_input(arena, in->inputs[i], r);
		if (!out->inputs[out->n_inputs++])
			return -1;
	}
	for (size_t i = 0; i < in->n_headers; i++) {
		out->headers[i] = normal_header(arena, in->headers[i], r);
		if (!out->headers[out->n_headers++])
			return -1;
	}
	for (size_t i = 0; i < in->n_shown; i++) {
		out->shown[i] = normal_field(arena, in->shown[i], r);
		if (!out->shown[out->n_shown++])
			return -1;
	}
	for (size_t i = 0; i < in->n_body; i++)
		out->body[out->n_body++] = normal_part(arena, in->body[i]);
	return 0;
}

Sy__V1__LookupRule *normal_lookup(struct arena *arena,
				  const Sy__V1__LookupRule *in,
				  struct shape_fault *r)
{
	Sy__V1__LookupRule *out = arena_alloc(arena, sizeof(*out));
	const char *field, *why = lookup_fault(in, &field);

	sy__v1__lookup_rule__init(out);
	if (why) {
		shape_refuse(r, field, why);
		return NULL;
	}
	if (normal_match(arena, r, "policy.lookup.match", in->match,
			 &out->match) < 0 ||
	    normal_lists(arena, in, out, r) < 0)
		return NULL;
	out->order = in->order;
	out->method = in->method;
	out->url = arena_strdup(arena, in->url);
	out->timeout_ms = in->timeout_ms;
	out->max_bytes = in->max_bytes;
	return out;
}
