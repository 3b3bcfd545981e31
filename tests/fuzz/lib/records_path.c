/* records_path.c -- see records_path.h. */
#include "records_path.h"

#include <string.h>

#include <xxhash.h>

#include "timeutil.h"

struct path {
	struct records *records;
	struct mapping *mapping;
	struct arena arena;
	struct outcome out;
	bool gave_up;
	bool bound; /* CSV: the header named what the mapping wants */
};

void require_problem(const struct problem *problem)
{
	REQUIRE(problem->code && *problem->code);
	REQUIRE(problem->text[0] && fuzz_utf8(problem->text));
	REQUIRE(fuzz_utf8(problem->field));
	REQUIRE(problem->line > 0);
}

static void mix(struct path *p, const void *data, size_t len)
{
	p->out.hash = XXH3_64bits_withSeed(data, len, p->out.hash);
}

static void take_event(struct path *p, const struct mapped_event *ev)
{
	size_t len = protobuf_c_message_get_packed_size(ev->payload);
	uint8_t *packed = arena_alloc(&p->arena, len + 1);

	p->out.events++;
	REQUIRE(*ev->type && *ev->key && fuzz_utf8(ev->key));
	REQUIRE(ev->occurred_at_us >= TIME_MIN_US && ev->rule < 256);
	fuzz_require_clean(ev->payload);
	protobuf_c_message_pack(ev->payload, packed);
	/* What we send must be what the service takes. */
	REQUIRE(fuzz_message(ev->payload->descriptor, packed, len, &p->arena));
	mix(p, packed, len);
	mix(p, ev->key, strlen(ev->key));
}

static void take_record(struct path *p, const struct record *record)
{
	struct mapped_event events[MAPPING_EVENTS_MAX];
	struct problem problem = { 0 };
	int n;

	p->out.records++;
	for (size_t i = 0; i < record->n; i++)
		REQUIRE(fuzz_utf8(record->values[i]) &&
			strlen(record->values[i]) == record->lens[i]);
	if (!p->mapping || !p->bound)
		return;
	problem.type = "";
	problem.line = record->line;
	n = mapping_apply(p->mapping, record, &p->arena, events, &problem);
	REQUIRE(n <= MAPPING_EVENTS_MAX);
	if (n < 0) {
		problem.line = record->line;
		require_problem(&problem);
		mix(p, problem.text, strlen(problem.text));
	}
	for (int i = 0; i < n; i++)
		take_event(p, &events[i]);
	arena_reset(&p->arena);
}

/* False: it is at its end, or its header is refused. */
static bool step(struct path *p, enum record_format format)
{
	struct problem problem = { 0 };
	struct record record;
	struct error err = { "" };

	if (p->gave_up)
		return false;
	switch (records_next(p->records, &record, &problem)) {
	case RECORD_OK:
		REQUIRE(format == FORMAT_JSONL ||
			record.n == records_columns(p->records));
		take_record(p, &record);
		return true;
	case RECORD_HEADER:
		p->bound = p->mapping &&
			   mapping_bind(p->mapping, p->records, &err) == 0;
		REQUIRE(!p->mapping || p->bound || fuzz_utf8(err.text));
		return true;
	case RECORD_BAD:
		require_problem(&problem);
		p->out.bad++;
		mix(p, problem.text, strlen(problem.text));
		mix(p, &problem.line, sizeof(problem.line));
		p->gave_up = format == FORMAT_CSV &&
			     records_columns(p->records) == 0;
		return true;
	case RECORD_MORE:
	case RECORD_END:
		break;
	}
	return false;
}

struct outcome records_path(enum record_format format, struct mapping *mapping,
			    const uint8_t *data, size_t size, size_t piece)
{
	struct path p = { .mapping = mapping, .bound = format == FORMAT_JSONL };
	size_t at = 0;

	p.records = records_new(format);
	arena_init(&p.arena);
	while (at < size) {
		size_t n = piece && piece < size - at ? piece : size - at;

		while (step(&p, format))
			;
		records_feed(p.records, (const char *)data + at, n);
		at += n;
	}
	while (step(&p, format))
		;
	records_finish(p.records);
	while (step(&p, format))
		;
	if (!p.gave_up)
		p.out.lines = records_lines(p.records);
	records_free(p.records);
	arena_reset(&p.arena);
	return p.out;
}
