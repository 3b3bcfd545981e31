/* sim_organisation.c -- the directory files of a post: one company, branches,
 * areas of some forty offices, offices named by postal code. */
#include <stdlib.h>

#include "sim.h"

#define ROOT "post"
#define VALID_FROM "2000-01-01"
#define OFFICES_PER_AREA 40
#define FIRST_INDEX 101000

static const struct sim_region *region_of(int64_t branch)
{
	return &sim_regions[branch % sim_regions_nr];
}

static void branch_code(int64_t branch, char code[24])
{
	snprintf(code, 24, "b%02lld", (long long)branch + 1);
}

/* Offices by people, to the last one: branch b has the offices between the
 * shares of all branches before it and of these with its own. */
static int64_t offices_until(const struct sim_organisation *o, int64_t branch)
{
	int64_t people = 0, all = 0;

	for (int64_t b = 0; b < o->branches; b++) {
		/* A large city has fewer offices a head. */
		int64_t weight = 300 + region_of(b)->people_thousands;

		all += weight;
		people += b < branch ? weight : 0;
	}
	return all > 0 ? o->offices * people / all : 0;
}

/* Offices of the area that begins with the left ones: 20 to 60. */
static int64_t area_size(const struct sim_organisation *o, int64_t branch,
			 int64_t area, int64_t left)
{
	uint64_t hash = sim_hash(o->seed, (uint64_t)(branch * 10000 + area));
	int64_t n =
		OFFICES_PER_AREA / 2 + (int64_t)(hash % (OFFICES_PER_AREA + 1));

	return n < left ? n : left;
}

static void write_branch(FILE *to, const struct sim_organisation *o,
			 int64_t branch)
{
	const struct sim_region *region = region_of(branch);
	int64_t at = offices_until(o, branch);
	int64_t end = offices_until(o, branch + 1);
	char code[24];

	branch_code(branch, code);
	fprintf(to,
		"%s," ROOT ",branch,%s,,УФПС %s,邮政分公司 %s,%s," VALID_FROM
		",\n",
		code, region->zone, region->name_ru, code, region->name_en);
	for (int64_t area = 1; at < end; area++) {
		int64_t n = area_size(o, branch, area, end - at);

		fprintf(to,
			"%s-a%02lld,%s,area,,,Почтамт № %lld (%s),邮区 %lld,"
			"Area %lld of %s," VALID_FROM ",\n",
			code, (long long)area, code, (long long)area,
			region->name_ru, (long long)area, (long long)area,
			region->name_en);
		for (; n > 0; n--, at++)
			fprintf(to,
				"o%lld,%s-a%02lld,office,,,ОПС %lld,邮局 %lld,"
				"Post office %lld," VALID_FROM ",\n",
				(long long)(FIRST_INDEX + at), code,
				(long long)area, (long long)(FIRST_INDEX + at),
				(long long)(FIRST_INDEX + at),
				(long long)(FIRST_INDEX + at));
	}
}

void sim_write_units(FILE *to, const struct sim_organisation *o)
{
	fputs("code,parent,level,zone,calendar,name_ru,name_zh,name_en,valid_"
	      "from,"
	      "valid_to\n" ROOT
	      ",,company,Europe/Moscow,ru,Почта,邮政,Post," VALID_FROM ",\n",
	      to);
	for (int64_t b = 0; b < o->branches; b++)
		write_branch(to, o, b);
}

void sim_write_departments(FILE *to)
{
	fputs("code,parent,name_ru,name_zh,name_en,valid_from,valid_to\n"
	      "sim_hotline,,Служба горячей линии,热线服务部,Hotline," VALID_FROM
	      ",\n"
	      "sim_claims,,Служба претензий,理赔部,Claims," VALID_FROM ",\n",
	      to);
}

void sim_write_denominators(FILE *to, const struct sim_organisation *o)
{
	char code[24];

	fputs("unit,measure,value,valid_from,valid_to\n", to);
	for (int64_t b = 0; b < o->branches; b++) {
		/* Up to 5 % of its people are nobody's customers. */
		int64_t people = 1000 * (int64_t)region_of(b)->people_thousands;
		int64_t without =
			people *
			(int64_t)(sim_hash(o->seed, (uint64_t)b + 77) % 50) /
			1000;

		branch_code(b, code);
		fprintf(to, "%s,customers,%lld," VALID_FROM ",\n", code,
			(long long)(people - without));
	}
}
