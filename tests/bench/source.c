/* source.c -- see source.h. */
#include "source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.pb-c.h"
#include "suyuan/v1/complaints.pb-c.h"

#define UNITS_MAX_BYTES (4 << 20)

static const char *const kinds[] = { "complaint", "statement" };
static const char *const channels[] = { "call-centre", "web", "counter" };
static const char *const topics[] = { "delivery", "staff", "price", "other" };

int source_read_units(struct source *source, const char *path)
{
	FILE *f = fopen(path, "r");
	size_t room = 0, len;
	char *line, *rest;

	if (!f)
		return -1;
	source->text = calloc(1, UNITS_MAX_BYTES);
	len = source->text ? fread(source->text, 1, UNITS_MAX_BYTES - 1, f) : 0;
	fclose(f);
	for (size_t i = 0; i < len; i++)
		room += source->text[i] == '\n';
	source->units = calloc(room + 1, sizeof(*source->units));
	if (!source->units)
		return -1;
	for (line = strtok_r(source->text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		source->units[source->units_nr++] = line;
	return source->units_nr ? 0 : -1;
}

const char *source_service(const struct source *source)
{
	return source->units ? "complaints" : "bench";
}

const char *source_type(const struct source *source)
{
	if (source->units)
		return "RegisterAppeal";
	return source->record ? "Record" : "Put";
}

static uint8_t filler[SOURCE_FILLER_MAX_BYTES];

static size_t make_record(const struct source *source, char *key,
			  uint8_t *payload)
{
	Sy__Bench__RecordRequest record = SY__BENCH__RECORD_REQUEST__INIT;

	record.key = key;
	record.filler.data = filler;
	record.filler.len = source->bytes;
	return sy__bench__record_request__pack(&record, payload);
}

static size_t make_put(const struct source *source, char *key, uint8_t *payload)
{
	Sy__Bench__PutRequest put = SY__BENCH__PUT_REQUEST__INIT;

	put.key = key;
	put.value = 1;
	put.filler.data = filler;
	put.filler.len = source->bytes;
	return sy__bench__put_request__pack(&put, payload);
}

static size_t make_appeal(const struct source *source, uint64_t n,
			  int64_t now_us, char *key, uint8_t *payload)
{
	Sy__V1__RegisterAppealRequest appeal =
		SY__V1__REGISTER_APPEAL_REQUEST__INIT;
	Sy__V1__Person person = SY__V1__PERSON__INIT;
	char name[48], phone[16];

	snprintf(name, sizeof(name), "Customer %" PRIu64, n);
	snprintf(phone, sizeof(phone), "+7495%07" PRIu64, n % 10000000);
	person.name = name;
	person.phone = phone;
	appeal.external_id = key;
	appeal.kind = (char *)kinds[n % 2];
	appeal.channel = (char *)channels[n % 3];
	appeal.topic = (char *)topics[n / 2 % 4];
	appeal.unit = source->units[n % source->units_nr];
	appeal.person = &person;
	appeal.text = (char *)"Forty minutes in the queue, and one window "
			      "of five was open.";
	appeal.occurred_at_us = now_us;
	return sy__v1__register_appeal_request__pack(&appeal, payload);
}

size_t source_make(const struct source *source, uint64_t n, int64_t now_us,
		   char key_r[SOURCE_KEY_SIZE],
		   uint8_t payload_r[SOURCE_PAYLOAD_MAX_BYTES])
{
	if (!source->units) {
		snprintf(key_r, SOURCE_KEY_SIZE, "k%" PRIu64,
			 source->from + n % source->keys);
		return source->record ? make_record(source, key_r, payload_r)
				      : make_put(source, key_r, payload_r);
	}
	snprintf(key_r, SOURCE_KEY_SIZE, "%s-%" PRIu64, source->prefix, n);
	return make_appeal(source, n, now_us, key_r, payload_r);
}

void source_close(struct source *source)
{
	free(source->units);
	free(source->text);
}
