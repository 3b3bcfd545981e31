/* times.c -- times, days, identifiers and dates by a pattern. */
#include <string.h>

#include "../lib/fuzz.h"
#include "cli/dates.h"
#include "timeutil.h"
#include "uuid.h"

/* What is read and written is read the same again. */
static void times(const char *text)
{
	char written[TIME_TEXT_MAX];
	int64_t us, again;
	int32_t day, day_again;
	uint8_t id[UUID_BYTES], id_again[UUID_BYTES];
	char id_text[UUID_TEXT_MAX];

	if (time_parse_us(text, &us) == 0) {
		REQUIRE(time_parse_us(time_format_us(us, written), &again) ==
				0 ||
			us < 0);
		REQUIRE(us < 0 || us == again);
	}
	if (day_parse(text, &day) == 0)
		REQUIRE(day_parse(day_format(day, written), &day_again) == 0 &&
			day == day_again);
	if (uuid_parse(text, id) == 0)
		REQUIRE(uuid_parse(uuid_format(id, id_text), id_again) == 0 &&
			memcmp(id, id_again, sizeof(id)) == 0);
}

static void pattern(const char *text, const char *zone, const char *date)
{
	struct error err = { "" };
	struct dates *d;
	int64_t us;

	if (dates_open(&d, text, zone, &err) == 0)
		dates_parse(d, date, strlen(date), &us);
	else
		REQUIRE(err.text[0]);
	dates_close(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	struct arena arena;
	const char *date, *text, *zone;
	char written[TIME_TEXT_MAX];

	arena_init(&arena);
	date = fuzz_line(&f, &arena, NULL);
	times(date);
	text = fuzz_line(&f, &arena, NULL);
	zone = fuzz_line(&f, &arena, NULL);
	/* The records before it saw to this. */
	if (fuzz_utf8(date) && *text)
		pattern(text, *zone ? zone : NULL, date);
	time_format_us((int64_t)fuzz_number(&f, 8), written);
	day_format((int32_t)fuzz_number(&f, 4), written);
	arena_reset(&arena);
	return 0;
}
