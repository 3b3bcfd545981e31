/* import.c -- the CSV files of an organisation, as `suyuan import directory`
 * takes them, through to what the directory says of each record. */
#include <string.h>

#include "../lib/records_path.h"
#include "cli/sheets.h"
#include "dir/refs.h"
#include "directory/rules.h"

struct import_path {
	struct records *records;
	struct sheet sheet;
	struct arena arena;
	struct catalog catalog;
	bool bound;
};

static void take_row(struct import_path *p, const struct record *row)
{
	struct problem problem = { .line = row->line, .type = "" };
	Sy__V1__DirectoryRecord *record =
		sheet_record(&p->sheet, row, &p->arena, &problem);
	struct put_result r = { 0 };
	struct record_ref refs[RECORD_REFS_MAX];
	size_t refs_nr;

	if (!record) {
		require_problem(&problem);
		return;
	}
	fuzz_require_clean(&record->base);
	REQUIRE(fuzz_utf8(record_key(&p->arena, record)));
	refs_nr = record_refs(record, refs);
	for (size_t i = 0; i < refs_nr; i++)
		catalog_assume(&p->catalog,
			       arena_printf(&p->arena, "%s/%s", refs[i].of,
					    refs[i].code));
	rules_put(&p->catalog, record, &r);
	if (r.outcome == PUT_REFUSED)
		REQUIRE(r.code && r.field && r.text && *r.text);
}

static bool step(struct import_path *p)
{
	struct problem problem = { 0 };
	struct record row;
	struct error err = { "" };

	switch (records_next(p->records, &row, &problem)) {
	case RECORD_OK:
		if (p->bound)
			take_row(p, &row);
		return true;
	case RECORD_HEADER:
		p->bound = sheet_bind(&p->sheet, p->records, &err) == 0;
		if (!p->bound)
			REQUIRE(err.text[0] && fuzz_utf8(err.text));
		return p->bound;
	case RECORD_BAD:
		require_problem(&problem);
		return records_columns(p->records) > 0;
	case RECORD_MORE:
	case RECORD_END:
		break;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct import_path p = { 0 };

	arena_init(&p.arena);
	catalog_init(&p.catalog, &p.arena);
	p.records = records_new(FORMAT_CSV);
	records_feed(p.records, (const char *)data, size);
	records_finish(p.records);
	while (step(&p))
		;
	records_free(p.records);
	arena_reset(&p.arena);
	return 0;
}
