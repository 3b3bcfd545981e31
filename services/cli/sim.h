/* sim.h -- a made-up post and its customers. All of it is a pure function of a
 * seed and a number, so that what must come out is known beforehand. */
#ifndef SUYUAN_CLI_SIM_H
#define SUYUAN_CLI_SIM_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* Appeals lie in a window of this length; what would happen after it has not
 * happened. */
#define SIM_WINDOW_DAYS 30
#define SIM_NEVER INT64_MIN

/* Times are microseconds after the beginning of the window. */
struct sim_appeal {
	uint64_t hash; /* more of the appeal's own chance: unit, customer */
	const char *kind, *channel, *segment;
	const char *topic;      /* once it is classified */
	const char *topic_then; /* at registration: the same, or "" */
	int64_t registered_us, classified_us, answered_us, resolved_us,
		closed_us; /* SIM_NEVER */
};
void sim_appeal(uint64_t seed, uint64_t i, struct sim_appeal *a_r);

/* Different numbers for each (x, salt); SplitMix64's finalizer (Steele, Lea,
 * Flood 2014). */
uint64_t sim_hash(uint64_t x, uint64_t salt);

enum sim_type {
	SIM_REGISTER,
	SIM_CLASSIFY,
	SIM_ANSWER,
	SIM_RESOLVE,
	SIM_CLOSE,
	SIM_TYPES_NR,
};

/* The events in the order in which they are published: the later facts of an
 * appeal come a fixed number of registrations after its own. */
struct sim_stream {
	uint64_t seed, count; /* count 0: without end */
	uint64_t step;        /* 0 in the beginning, as type */
	enum sim_type type;
};
/* 1, or 0 at the end. */
int sim_next(struct sim_stream *s, enum sim_type *type_r, uint64_t *i_r,
	     struct sim_appeal *a_r);

/* What the services must count: new reference. */
json_t *sim_totals(uint64_t seed, uint64_t count);

/* --- sim_organisation.c --- */

struct sim_organisation {
	int64_t branches, offices;
	uint64_t seed;
};
void sim_write_units(FILE *to, const struct sim_organisation *o);
void sim_write_departments(FILE *to);
void sim_write_denominators(FILE *to, const struct sim_organisation *o);

/* --- sim_regions.c --- */

struct sim_region {
	const char *name_ru, *name_en, *zone;
	int people_thousands; /* for how many offices and customers */
};
extern const struct sim_region sim_regions[];
extern const int sim_regions_nr;

#endif
