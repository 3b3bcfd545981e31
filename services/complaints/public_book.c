/* public_book.c -- visits to a centre: what is free, booking, giving back, the
 * list of the day. Slots come from the centre's visiting hours and the rule of
 * the day; who gets the last place of one is settled by the database.
 */
#include <string.h>

#include "public.h"
#include "timeutil.h"

#define SLOT_MINUTES_MIN 5
#define SLOT_MINUTES_MAX 480
#define CAPACITY_MAX 1000

/* --- the centre --- */

int32_t centre_today(const struct replica *replica, const char *unit,
		     uint32_t *minute_r)
{
	int64_t now_us = time_now_us(), local_us = now_us;
	int32_t day = (int32_t)(now_us / US_PER_DAY);
	const struct replica_unit *u = unit_at(replica, unit, now_us, &day);

	if (u != NULL)
		local_us += zone_span_at(u->zone, now_us).offset_us;
	if (minute_r != NULL)
		*minute_r = (uint32_t)(local_us % US_PER_DAY / US_PER_MINUTE);
	return day;
}

const struct calendar *centre_calendar(const struct replica *replica,
				       const Sy__V1__Centre *centre,
				       int32_t day)
{
	return centre->calendar[0] != '\0'
		       ? replica_calendar(replica, centre->calendar)
		       : replica_unit_calendar(replica, centre->unit, day);
}

Sy__V1__Centre *centre_unpack(struct arena *arena, const struct db_result *res,
			      int row, int col)
{
	const uint8_t *body;
	size_t len;

	body = db_get_bytes(res, 0, row, col, &len);
	return len == 0 ? NULL
			: sy__v1__centre__unpack(&arena->allocator, len, body);
}

/* --- its slots --- */

/* What rules and hours make of some days. */
struct offer {
	struct slot *slots; /* ascending */
	size_t n;
	uint32_t *minutes; /* how long each is */
	int32_t today;
};

/* Rows of PUBLIC_SQL_RULES, the newest first. -1: none holds on that day. */
static int rule_of(const struct db_result *res, int32_t day)
{
	for (int row = 0; row < db_rows(res, 0); row++)
		if (!db_is_null(res, 0, row, 0) &&
		    db_get_i32(res, 0, row, 0) <= day)
			return row;
	return -1;
}

static void offer_day(struct offer *offer, const struct db_result *res,
		      const struct calendar *calendar, int32_t day,
		      uint32_t now_minute)
{
	uint16_t minute[SLOTS_DAY_MAX];
	struct day_hours hours = calendar_hours(calendar, day);
	int rule = rule_of(res, day);
	uint32_t length, capacity;
	int n;

	if (rule < 0)
		return;
	length = (uint32_t)db_get_i32(res, 0, rule, 1);
	capacity = (uint32_t)db_get_i32(res, 0, rule, 2);
	n = capacity > 0 ? slots_of_day(&hours, length, minute) : 0;
	for (int i = 0; i < n; i++) {
		if (day == offer->today && minute[i] <= now_minute)
			continue;
		offer->minutes[offer->n] = length;
		offer->slots[offer->n++] = (struct slot){
			.day = day, .minute = minute[i], .capacity = capacity
		};
	}
}

/* False: the centre is not open, or cannot be visited. */
static bool offer_make(struct bus_request *req, const struct db_result *res,
		       const char *unit, int32_t from_day, int32_t days,
		       struct offer *offer)
{
	const struct complaints *svc = bus_request_svc(req);
	struct arena *arena = bus_request_arena(req);
	const size_t room = (size_t)days * SLOTS_DAY_MAX + 1;
	const struct calendar *calendar;
	Sy__V1__Centre *centre;
	uint32_t now_minute;

	*offer = (struct offer){ .today = centre_today(svc->replica, unit,
						       &now_minute) };
	centre = db_rows(res, 0) > 0 ? centre_unpack(arena, res, 0, 3) : NULL;
	if (centre == NULL)
		return false;
	calendar = centre_calendar(svc->replica, centre, offer->today);
	if (calendar == NULL)
		return false;
	offer->slots = arena_alloc(arena, room * sizeof(offer->slots[0]));
	offer->minutes = arena_alloc(arena, room * sizeof(offer->minutes[0]));
	for (int32_t day = from_day; day < from_day + days; day++)
		if (day >= offer->today &&
		    day <= offer->today + BOOK_DAYS_AHEAD)
			offer_day(offer, res, calendar, day, now_minute);
	return true;
}

static void rules_ask(struct bus_request *req, struct db_pipe *pipe,
		      const char *unit, const char *service)
{
	const struct complaints *svc = bus_request_svc(req);

	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_RULES);
	db_text(pipe, unit);
	db_text(pipe, service);
	db_i32(pipe, centre_today(svc->replica, unit, NULL));
}

/* --- ListSlots --- */

static int32_t list_from(struct bus_request *req,
			 const Sy__V1__ListSlotsRequest *msg)
{
	const struct complaints *svc = bus_request_svc(req);
	int32_t today = centre_today(svc->replica, msg->unit, NULL);

	if (msg->from_day < today)
		return today;
	return msg->from_day > today + BOOK_DAYS_AHEAD ? today + BOOK_DAYS_AHEAD
						       : msg->from_day;
}

static void taken_fill(struct offer *offer, const struct db_result *res)
{
	for (int row = 0; row < db_rows(res, 1); row++)
		for (size_t i = 0; i < offer->n; i++)
			if (offer->slots[i].day == db_get_i32(res, 1, row, 0) &&
			    offer->slots[i].minute ==
				    db_get_i32(res, 1, row, 1))
				offer->slots[i].taken =
					(uint32_t)db_get_i64(res, 1, row, 2);
}

static Sy__V1__Slot *slot_make(struct arena *arena, const struct offer *offer,
			       const struct slot *from)
{
	Sy__V1__Slot *s = arena_alloc(arena, sizeof(*s));

	sy__v1__slot__init(s);
	s->day = from->day;
	s->minute = from->minute;
	s->minutes = offer->minutes[from - offer->slots];
	s->free = from->capacity - from->taken;
	return s;
}

static void slots_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const Sy__V1__ListSlotsRequest *msg =
		(const void *)bus_request_message(req);
	struct arena *arena = bus_request_arena(req);
	Sy__V1__ListSlotsReply r = SY__V1__LIST_SLOTS_REPLY__INIT;
	const struct slot *suggested;
	struct offer offer;

	if (bus_reply_db_error(req, res))
		return;
	if (!offer_make(req, res, msg->unit, list_from(req, msg), LIST_DAYS,
			&offer)) {
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "unit",
				"no centre that is open");
		return;
	}
	taken_fill(&offer, res);
	r.slots = arena_alloc(arena, (offer.n + 1) * sizeof(r.slots[0]));
	for (size_t i = 0; i < offer.n; i++)
		if (offer.slots[i].taken < offer.slots[i].capacity)
			r.slots[r.n_slots++] =
				slot_make(arena, &offer, &offer.slots[i]);
	suggested = slots_suggest(offer.slots, offer.n);
	if (suggested != NULL)
		r.suggested = slot_make(arena, &offer, suggested);
	r.last_day = offer.today + BOOK_DAYS_AHEAD;
	bus_reply(req, &r.base);
}

void handle_list_slots(struct bus_request *req)
{
	const Sy__V1__ListSlotsRequest *msg =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe = bus_request_pipe(req);
	int32_t from = list_from(req, msg);

	rules_ask(req, pipe, msg->unit, msg->service);
	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_TAKEN);
	db_text(pipe, msg->unit);
	db_text(pipe, msg->service);
	db_i32(pipe, from);
	db_i32(pipe, from + LIST_DAYS);
	db_pipe_run(pipe, slots_cb, req);
}

/* --- BookSlot --- */

struct visit {
	struct bus_request *req;
	struct public_made made;
};

static void booked_cb(const struct db_result *res, void *arg)
{
	struct visit *v = arg;
	Sy__V1__BookSlotReply reply = SY__V1__BOOK_SLOT_REPLY__INIT;

	if (bus_reply_db_error(v->req, res))
		return;
	reply.number = (char *)db_get_text(res, 0, 0, 0);
	reply.code = v->made.code;
	if (reply.number[0] != '\0')
		bus_reply(v->req, &reply.base);
	else if (db_get_bool(res, 0, 0, 1))
		bus_reply_error(v->req, SY__V1__ERROR_CODE__CONFLICT, "minute",
				"was taken meanwhile");
	else
		bus_reply_error(v->req, SY__V1__ERROR_CODE__FORBIDDEN, "",
				"too many were booked from here: try again in "
				"an hour");
}

static void visit_put(struct visit *v, const struct slot *slot)
{
	const Sy__V1__BookSlotRequest *msg =
		(const void *)bus_request_message(v->req);
	const struct complaints *svc = bus_request_svc(v->req);
	struct appeal_case *c =
		arena_alloc(bus_request_arena(v->req), sizeof(*c));
	Sy__V1__Person person = SY__V1__PERSON__INIT;
	uint8_t caller[PUBLIC_HASH_BYTES];
	struct db_pipe *pipe = bus_request_pipe(v->req);

	person.phone = msg->person->phone;
	person.email = msg->person->email;
	c->person = &person;
	subject_make(svc, c);
	public_caller_hash(svc, msg->caller, caller);
	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_BOOK);
	db_bytes(pipe, v->made.attempt, sizeof(v->made.attempt));
	db_bytes(pipe, v->made.code_hash, sizeof(v->made.code_hash));
	db_bytes(pipe, caller, sizeof(caller));
	db_text(pipe, msg->unit);
	db_text(pipe, msg->service);
	db_i32(pipe, msg->day);
	db_i32(pipe, (int32_t)msg->minute);
	db_i32(pipe, (int32_t)slot->capacity);
	db_text(pipe, msg->person->name);
	db_text(pipe, msg->person->phone);
	db_text(pipe, msg->person->email);
	if (c->has_subject)
		db_bytes(pipe, c->subject, sizeof(c->subject));
	else
		db_null(pipe);
	db_i32(pipe, PUBLIC_PER_HOUR);
	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_BOOK_FORGET);
	db_i32(pipe, (int32_t)(time_now_us() / US_PER_DAY));
	db_pipe_run(pipe, booked_cb, v);
}

static void rules_cb(const struct db_result *res, void *arg)
{
	struct visit *v = arg;
	const Sy__V1__BookSlotRequest *msg =
		(const void *)bus_request_message(v->req);
	struct offer offer;

	if (bus_reply_db_error(v->req, res))
		return;
	if (!offer_make(v->req, res, msg->unit, msg->day, 1, &offer)) {
		bus_reply_error(v->req, SY__V1__ERROR_CODE__NOT_FOUND, "unit",
				"no centre that is open");
		return;
	}
	for (size_t i = 0; i < offer.n; i++) {
		if (offer.slots[i].minute == msg->minute) {
			visit_put(v, &offer.slots[i]);
			return;
		}
	}
	bus_reply_error(v->req, SY__V1__ERROR_CODE__INVALID, "minute",
			"begins no visit that can be booked");
}

void handle_book_slot(struct bus_request *req)
{
	const Sy__V1__BookSlotRequest *msg =
		(const void *)bus_request_message(req);
	const char *text, *field = public_booking_fault(msg, &text);
	struct db_pipe *pipe;
	struct visit *v;

	if (field != NULL) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, field, "%s",
				text);
		return;
	}
	v = arena_alloc(bus_request_arena(req), sizeof(*v));
	v->req = req;
	if (!public_make(req, &v->made))
		return;
	pipe = bus_request_pipe(req);
	rules_ask(req, pipe, msg->unit, msg->service);
	db_pipe_run(pipe, rules_cb, v);
}

/* --- CancelBooking --- */

static void cancelled_cb(const struct db_result *res, void *arg)
{
	Sy__V1__CancelBookingReply reply = SY__V1__CANCEL_BOOKING_REPLY__INIT;

	if (bus_reply_db_error(arg, res))
		return;
	/* the code is that of an appeal */
	if (db_rows(res, 0) != 1)
		bus_reply_error(arg, SY__V1__ERROR_CODE__NOT_FOUND, "code",
				"number and code do not fit");
	else
		bus_reply(arg, &reply.base);
}

static void cancel_known_cb(struct bus_request *req, const char *number,
			    void *arg)
{
	struct db_pipe *pipe = bus_request_pipe(req);

	(void)arg;
	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_CANCEL);
	db_text(pipe, number);
	db_pipe_run(pipe, cancelled_cb, req);
}

void handle_cancel_booking(struct bus_request *req)
{
	const Sy__V1__CancelBookingRequest *msg =
		(const void *)bus_request_message(req);

	public_known(req, msg->number, msg->code, msg->caller, cancel_known_cb,
		     NULL);
}

/* --- for the staff --- */

static void put_cb(const struct db_result *res, void *arg)
{
	Sy__V1__PutSlotRuleReply reply = SY__V1__PUT_SLOT_RULE_REPLY__INIT;

	if (!bus_reply_db_error(arg, res))
		bus_reply(arg, &reply.base);
}

/* False: answered. */
static bool governs(struct bus_request *req, const char *unit)
{
	const struct complaints *svc = bus_request_svc(req);

	if (!replica_unit_known(svc->replica, unit))
		bus_reply_error(req, SY__V1__ERROR_CODE__UNKNOWN_CODE, "unit",
				"is not in the directory");
	else if (!desk_governs(svc->replica, bus_request_grant(req), unit))
		bus_reply_error(req, SY__V1__ERROR_CODE__SCOPE, "unit",
				"lies outside of your subtree");
	else
		return true;
	return false;
}

void handle_put_slot_rule(struct bus_request *req)
{
	const Sy__V1__PutSlotRuleRequest *msg =
		(const void *)bus_request_message(req);
	const struct complaints *svc = bus_request_svc(req);
	struct db_pipe *pipe;

	if (!governs(req, msg->unit))
		return;
	if (replica_term(svc->replica, "centre_service", msg->service,
			 msg->valid_from_day) == NULL) {
		bus_reply_error(req, SY__V1__ERROR_CODE__UNKNOWN_CODE,
				"service",
				"is not in the directory on that day");
		return;
	}
	if (msg->slot_minutes < SLOT_MINUTES_MIN ||
	    msg->slot_minutes > SLOT_MINUTES_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID,
				"slot_minutes", "is not from %d to %d",
				SLOT_MINUTES_MIN, SLOT_MINUTES_MAX);
		return;
	}
	if (msg->capacity > CAPACITY_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "capacity",
				"is more than %d", CAPACITY_MAX);
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_RULE_PUT);
	db_text(pipe, msg->unit);
	db_text(pipe, msg->service);
	db_i32(pipe, msg->valid_from_day);
	db_i32(pipe, (int32_t)msg->slot_minutes);
	db_i32(pipe, (int32_t)msg->capacity);
	db_text(pipe, bus_request_principal(req));
	db_pipe_run(pipe, put_cb, req);
}

static void rules_listed_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	Sy__V1__ListSlotRulesReply r = SY__V1__LIST_SLOT_RULES_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	r.rules = arena_alloc(arena, ((size_t)db_rows(res, 0) + 1) *
					     sizeof(r.rules[0]));
	for (int row = 0; row < db_rows(res, 0); row++) {
		Sy__V1__SlotRule *rule = arena_alloc(arena, sizeof(*rule));

		sy__v1__slot_rule__init(rule);
		rule->service = (char *)db_get_text(res, 0, row, 0);
		rule->valid_from_day = db_get_i32(res, 0, row, 1);
		rule->slot_minutes = (uint32_t)db_get_i32(res, 0, row, 2);
		rule->capacity = (uint32_t)db_get_i32(res, 0, row, 3);
		rule->changed_by = (char *)db_get_text(res, 0, row, 4);
		r.rules[r.n_rules++] = rule;
	}
	bus_reply(req, &r.base);
}

void handle_list_slot_rules(struct bus_request *req)
{
	const Sy__V1__ListSlotRulesRequest *msg =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe;

	if (!governs(req, msg->unit))
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_RULE_LIST);
	db_text(pipe, msg->unit);
	db_pipe_run(pipe, rules_listed_cb, req);
}

static void bookings_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	Sy__V1__ListBookingsReply r = SY__V1__LIST_BOOKINGS_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	r.bookings = arena_alloc(arena, ((size_t)db_rows(res, 0) + 1) *
						sizeof(r.bookings[0]));
	for (int row = 0; row < db_rows(res, 0); row++) {
		Sy__V1__Booking *b = arena_alloc(arena, sizeof(*b));

		sy__v1__booking__init(b);
		b->number = (char *)db_get_text(res, 0, row, 0);
		b->service = (char *)db_get_text(res, 0, row, 1);
		b->minute = (uint32_t)db_get_i32(res, 0, row, 2);
		b->name = (char *)db_get_text(res, 0, row, 3);
		b->phone = (char *)db_get_text(res, 0, row, 4);
		b->email = (char *)db_get_text(res, 0, row, 5);
		r.bookings[r.n_bookings++] = b;
	}
	bus_reply(req, &r.base);
}

void handle_list_bookings(struct bus_request *req)
{
	const Sy__V1__ListBookingsRequest *msg =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe;

	if (!governs(req, msg->unit))
		return;
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_BOOKINGS);
	db_text(pipe, msg->unit);
	db_i32(pipe, msg->day);
	db_pipe_run(pipe, bookings_cb, req);
}
