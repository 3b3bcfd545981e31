/* sla.h -- clocks of a case (C5, S7, M4): a pure function of what happened, of
 * the policy of the day, of the calendar and of now (METHODS.md "Clocks").
 * Nothing is remembered between calls: the same input gives the same answer at
 * any later time.
 *
 * How an amount is used up
 *  SLA_ELAPSED        every microsecond
 *  SLA_WORKING        every microsecond at which the wall clock of the zone
 *                     reads a time within the calendar's hours of that day:
 *                     an hour that is skipped is not worked, one that is
 *                     repeated is worked twice. Due at the first instant with
 *                     which the amount is used up: at closing time, not at the
 *                     next opening
 *  SLA_CALENDAR_DAYS  every local day after the day of the start; due at 24:00
 *                     of the last one, which is the beginning of the next day
 *                     in the zone. The calendar is not asked: a last day that
 *                     is a holiday stays the last one
 *  SLA_WORKING_DAYS   likewise, of the days that have hours; how many does not
 *                     matter
 * A pause leaves what is left as it is, in the same measure: it never makes the
 * due time earlier, nor what is left shorter. Days are left whole: those after
 * the day on which the pause began, up to the last one; they follow the day of
 * the resumption. So a pause moves the last day by the midnights that it
 * spans, of working days by the working days that it cost, and one that began
 * and ended on the same day changes nothing. With no day left (a pause that
 * began on the last one) the day of the resumption is the last; where that is
 * not a working day, one day is left.
 *
 * Warned when warn_before is left, in the same measure; of days, when the first
 * of the last warn_before days begins. With less than that from the beginning
 * on, at the start. A warning that was reached stays where it was, unless an
 * extension leaves more than warn_before again.
 *
 * A calendar that does not open for ten years: due ten years on. */
#ifndef SUYUAN_SLA_H
#define SUYUAN_SLA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock/calendar.h"

enum sla_measure {
	SLA_ELAPSED,       /* amount in us */
	SLA_WORKING,       /* amount in us of the calendar's open time */
	SLA_CALENDAR_DAYS, /* amount in days; due at the end of the last one */
	SLA_WORKING_DAYS,  /* likewise, only days with open hours counted */
};

struct sla_rule {
	enum sla_measure measure;
	int64_t amount;        /* us or days, > 0; at most a hundred years */
	int64_t warn_before;   /* likewise; 0 = no warning */
	bool may_pause;        /* else pauses are passed over */
	int64_t extension_max; /* in all, us or days; 0 = none */
	const struct calendar *calendar; /* NULL: always open */
	const struct zone *zone;         /* NULL: only of SLA_ELAPSED */
};

enum sla_what {
	SLA_START,   /* the first counts */
	SLA_STOP,    /* the first after the start counts */
	SLA_RESTART, /* a reopening of a clock that was started: it runs again
			from here, anew: whole amount, no pause, not extended */
	SLA_PAUSE,   /* one that no SLA_RESUME has ended when the clock starts
			holds from the start on */
	SLA_RESUME,
	SLA_EXTEND, /* by amount; what goes beyond extension_max is cut. Not
		       before the start, and too late after the due time: passed
		       over */
};
/* Ascending by at_us; of the same instant in the order given. All have
 * happened: a now_us before the last one is taken as its at_us. */
struct sla_event {
	int64_t at_us;
	enum sla_what what;
	int64_t amount; /* SLA_EXTEND: us or days */
};

enum sla_state { SLA_NONE, SLA_RUNNING, SLA_PAUSED, SLA_MET, SLA_BREACHED };

struct sla_result {
	enum sla_state state;
	int64_t started_us;   /* the start or the last restart; 0 = SLA_NONE */
	int64_t due_us;       /* 0 for SLA_NONE; while paused: if resumed now */
	int64_t stopped_us;   /* 0 = not yet */
	int64_t remaining_us; /* real time until due while running or paused */
	int64_t warn_us;      /* 0 = no warning; while paused as due_us */
	int64_t paused_us;    /* elapsed time of pauses so far, the open one up
				 to now included */
	int64_t extended;     /* us or days that were granted */
	/* When the answer next changes by itself: the warning, then the first
	 * instant after due_us; 0 = only by another event. */
	int64_t next_us;
};

/* now_us decides running against breached: breached when now_us > due_us, or
 * when the stop came after the due time; stopped exactly at it is met. A pause
 * takes effect from its instant on, never before the start; a clock that was
 * breached before the pause stays breached, and pauses and extensions after
 * that change nothing. */
struct sla_result sla_judge(const struct sla_rule *rule,
			    const struct sla_event *events, size_t n,
			    int64_t now_us);

#endif
