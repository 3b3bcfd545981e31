/* public.h -- what customers do by themselves: lodge, follow, add to, withdraw,
 * reopen and rate an appeal by its number and code, and book visits.
 * public_rules.c is pure, public_store.c holds every statement, the rest
 * answers methods. Appeals are those of the source "public"; whatever is done
 * to them is done by the facts that all appeals are made of.
 */
#ifndef SUYUAN_COMPLAINTS_PUBLIC_H
#define SUYUAN_COMPLAINTS_PUBLIC_H

#include "bus/parts.h"
#include "clock/calendar.h"
#include "desk.h"
#include "mail.h"
#include "suyuan/v1/complaints_public.pb-c.h"

#define PUBLIC_SOURCE "public"
#define PUBLIC_CHANNEL "web"
#define PUBLIC_APPLICATION "statement" /* the kind of applications */
#define PUBLIC_LEAD_TIME "lead_time"   /* the clock of applications */

/* Of one address: what is enough for a household, and for an office behind one
 * address with its customers' phones. */
#define PUBLIC_PER_HOUR 20
#define PUBLIC_MISSES_PER_HOUR 20

/* --- public_rules.c --- */

Sy__V1__PublicState public_state(Sy__V1__AppealState state, uint32_t reopened);
Sy__V1__PublicStepState public_step_state(const Sy__V1__AppealClock *clock,
					  bool ended, int64_t now_us);
/* WORD_NONE: not for the customer. own: the customer brought it. */
Sy__V1__PublicWordKind public_word_kind(enum fact_type type, bool own);

/* NULL: good. Else the field that is not, and what is wrong with it. */
const char *public_person_fault(const Sy__V1__PublicPerson *person,
				const char **text_r);
const char *public_lodging_fault(const Sy__V1__LodgeAppealRequest *req,
				 const char **text_r);
const char *public_booking_fault(const Sy__V1__BookSlotRequest *req,
				 const char **text_r);
const char *public_act_fault(const Sy__V1__TellAppealRequest *req,
			     const char **text_r);

/* A code as people copy it by hand: letters and digits that look like no
 * others, in fours. What they make of it on the way is mended: case, blanks, O
 * for 0, I and L for 1. */
#define PUBLIC_CODE_BYTES 16
#define PUBLIC_CODE_MAX 40
void code_make(const uint8_t bytes[PUBLIC_CODE_BYTES],
	       char code_r[PUBLIC_CODE_MAX]);
void code_normalise(const char *code, char code_r[PUBLIC_CODE_MAX]);

/* A day's slots: every slot_minutes from each opening on that end before its
 * closing. Returns how many, at most SLOTS_DAY_MAX. */
#define SLOTS_DAY_MAX 288
int slots_of_day(const struct day_hours *hours, uint32_t slot_minutes,
		 uint16_t minute_r[SLOTS_DAY_MAX]);

struct slot {
	int32_t day;
	uint16_t minute;
	uint32_t capacity, taken;
};
/* The emptiest in its share of the first SUGGEST_DAYS days that have room, the
 * earliest of such. slots ascend; NULL: all are full. */
#define SUGGEST_DAYS 5
const struct slot *slots_suggest(const struct slot *slots, size_t n);

#define BOOK_DAYS_AHEAD 60
#define LIST_DAYS 14

/* --- public_code.c: numbers' codes, and who comes too often --- */

#define PUBLIC_HASH_BYTES 32

/* What a request under a key makes: the same each time, and nothing that can be
 * guessed by who has not the whole of it. */
struct public_made {
	uint8_t attempt[PUBLIC_HASH_BYTES];
	uint8_t code_hash[PUBLIC_HASH_BYTES];
	char code[PUBLIC_CODE_MAX];
};
/* False: answered, there is no key. */
bool public_make(struct bus_request *req, struct public_made *made_r);
void public_code_hash(const char *code, uint8_t hash_r[PUBLIC_HASH_BYTES]);
void public_caller_hash(const struct complaints *svc, const char *caller,
			uint8_t hash_r[PUBLIC_HASH_BYTES]);

/* Calls cb when number and code fit, else answers: an unknown number and a
 * wrong code are told apart to nobody, and too many of them end it for a while.
 */
typedef void public_known_cb(struct bus_request *req, const char *number,
			     void *arg);
void public_known(struct bus_request *req, const char *number, const char *code,
		  const char *caller, public_known_cb *cb, void *arg);
/* As the customer: a fact of the case ("public", number). */
void public_command(struct bus_request *req, const char *method,
		    const ProtobufCMessage *fact,
		    void (*cb)(Sy__V1__ErrorCode code, void *arg), void *arg);

/* --- public_book.c: centres --- */

/* The day that it is there, and the minute of it (minute_r may be NULL). */
int32_t centre_today(const struct replica *replica, const char *unit,
		     uint32_t *minute_r);
/* Its visiting hours; NULL: it has none. */
const struct calendar *centre_calendar(const struct replica *replica,
				       const Sy__V1__Centre *centre,
				       int32_t day);
/* NULL: the replica has not been told of it since it keeps centres. */
Sy__V1__Centre *centre_unpack(struct arena *arena, const struct db_result *res,
			      int row, int col);

/* --- handlers --- */

void handle_lodge_appeal(struct bus_request *req);
void handle_follow_appeal(struct bus_request *req);
void handle_tell_appeal(struct bus_request *req);
void handle_get_public_choices(struct bus_request *req);
void handle_find_public_units(struct bus_request *req);
void handle_list_public_centres(struct bus_request *req);
void handle_get_public_figures(struct bus_request *req);
void handle_put_slot_rule(struct bus_request *req);
void handle_list_slots(struct bus_request *req);
void handle_book_slot(struct bus_request *req);
void handle_cancel_booking(struct bus_request *req);
void handle_list_slot_rules(struct bus_request *req);
void handle_list_bookings(struct bus_request *req);

extern const struct part public_part;

/* --- public_store.c --- */

#define SQL_PUBLIC (SQL_MAIL + (int)MAIL_SQL_NR)
#define SQL_LOOKUP (SQL_PUBLIC + (int)PUBLIC_SQL_NR)
enum public_sql {
	PUBLIC_SQL_LODGE,
	PUBLIC_SQL_UNLODGE,
	PUBLIC_SQL_FORGET,
	PUBLIC_SQL_KNOWN,
	PUBLIC_SQL_MISS,
	PUBLIC_SQL_ACT,
	PUBLIC_SQL_NAMES,
	PUBLIC_SQL_TERMS,
	PUBLIC_SQL_UNITS,
	PUBLIC_SQL_CENTRES,
	PUBLIC_SQL_FIGURES,
	PUBLIC_SQL_RULE_PUT,
	PUBLIC_SQL_RULE_LIST,
	PUBLIC_SQL_RULES,
	PUBLIC_SQL_TAKEN,
	PUBLIC_SQL_BOOK,
	PUBLIC_SQL_BOOK_FORGET,
	PUBLIC_SQL_CANCEL,
	PUBLIC_SQL_BOOKINGS,
	PUBLIC_SQL_NR,
};
extern const struct db_statement public_sql[PUBLIC_SQL_NR];

/* Labels of three columns from col on; the ones that are empty are left out. */
Sy__V1__Label **public_labels(struct arena *arena, const struct db_result *res,
			      int statement, int row, int col, size_t *n_r);

#endif
