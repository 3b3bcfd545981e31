/* desk_seats.c -- who works on what, and whose the next case will be: the rule
 * is seat_pick (desk_rules.c), the case changes hands by a RouteAppeal of the
 * service itself.
 */
#include <string.h>

#include "desk.h"
#include "timeutil.h"

/* Seats as they were read, with the requests that hold their strings. */
struct seats {
	struct seat *seat;
	const Sy__V1__PutSeatRequest **put; /* of seat[i] */
	size_t n;
};

static uint32_t load_of(const struct db_result *res, int st,
			const char *principal)
{
	for (int row = 0; row < db_rows(res, st); row++)
		if (strcmp(db_get_text(res, st, row, 0), principal) == 0)
			return (uint32_t)db_get_i64(res, st, row, 1);
	return 0;
}

/* Statement st has the seats, the one after it the loads. */
static struct seats seats_read(struct arena *arena, const struct db_result *res,
			       int st)
{
	size_t rows = (size_t)db_rows(res, st) + 1;
	struct seats s = {
		.seat = arena_alloc(arena, rows * sizeof(s.seat[0])),
		.put = arena_alloc(arena, rows * sizeof(s.put[0])),
	};

	for (int i = 0; i < db_rows(res, st); i++) {
		const Sy__V1__PutSeatRequest *put;
		struct desk_row row;

		desk_row_read(res, st, i, &row);
		put = desk_row_body(arena, &row,
				    &sy__v1__put_seat_request__descriptor);
		if (put == NULL)
			continue;
		s.put[s.n] = put;
		s.seat[s.n++] = (struct seat){
			.principal = put->code,
			.department = put->department,
			.skills = put->skills,
			.skills_nr = put->n_skills,
			.capacity = put->capacity,
			.away_from_us = put->away_from_us,
			.away_to_us = put->away_to_us,
			.deputy = put->deputy,
			.load = load_of(res, st + 1, put->code),
		};
	}
	return s;
}

static void seats_ask(struct db_pipe *pipe)
{
	db_exec(pipe, DESK_SQL_VIEWS);
	db_i32(pipe, DESK_SEAT);
	db_text(pipe, "");
	db_exec(pipe, DESK_SQL_LOADS);
	db_i32(pipe, DESK_SEAT);
}

/* Does the seat take cases of the unit, and may its holder still do so? */
static bool serves(const struct replica *replica,
		   const Sy__V1__PutSeatRequest *put, const char *unit,
		   int32_t day)
{
	struct bus_grant grant;

	return replica_in_subtree(replica, unit, put->unit, day) &&
	       replica_grant((void *)replica, put->code, &grant) &&
	       (grant.roles & ROLE_HANDLER) &&
	       replica_in_subtree(replica, unit, grant.unit, day);
}

/* --- ListSeats --- */

static void listed_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct complaints *svc = bus_request_svc(req);
	struct arena *arena = bus_request_arena(req);
	const Sy__V1__ListSeatsRequest *msg =
		(const void *)bus_request_message(req);
	Sy__V1__ListSeatsReply reply = SY__V1__LIST_SEATS_REPLY__INIT;
	int64_t now_us = time_now_us();
	struct seats seats;

	if (bus_reply_db_error(req, res))
		return;
	seats = seats_read(arena, res, 0);
	reply.seats = arena_alloc(arena, (seats.n + 1) * sizeof(void *));
	for (size_t i = 0; i < seats.n; i++) {
		const Sy__V1__PutSeatRequest *put = seats.put[i];
		Sy__V1__Seat *s;

		if (!desk_visible(svc->replica, bus_request_grant(req),
				  put->unit) ||
		    (msg->unit[0] != '\0' &&
		     !serves(svc->replica, put, msg->unit,
			     (int32_t)(now_us / US_PER_DAY))))
			continue;
		s = arena_alloc(arena, sizeof(*s));
		sy__v1__seat__init(s);
		s->code = put->code;
		s->unit = put->unit;
		s->department = put->department;
		s->skills = put->skills;
		s->n_skills = put->n_skills;
		s->capacity = put->capacity;
		s->away_from_us = put->away_from_us;
		s->away_to_us = put->away_to_us;
		s->deputy = put->deputy;
		s->load = seats.seat[i].load;
		s->away = seat_away(&seats.seat[i], now_us);
		reply.seats[reply.n_seats++] = s;
	}
	bus_reply(req, &reply.base);
}

void handle_list_seats(struct bus_request *req)
{
	struct db_pipe *pipe = bus_request_pipe(req);

	seats_ask(pipe);
	db_pipe_run(pipe, listed_cb, req);
}

/* --- AssignNext --- */

/* Others may be quicker with the same case. */
#define TRIES_MAX 5
enum { ASSIGN_SEATS, ASSIGN_LOADS, ASSIGN_TAKEN };

struct assigning {
	struct bus_request *req;
	const struct desk_case *c; /* NULL: the next of the queue */
	const Sy__V1__PutSeatRequest *seat;
	int tries;
	Sy__V1__AssignNextReply reply;
};

static void routed_cb(Sy__V1__ErrorCode code, void *arg)
{
	struct assigning *a = arg;

	if (code == SY__V1__ERROR_CODE__OK)
		bus_reply(a->req, &a->reply.base);
	else
		bus_reply_error(a->req, code, "appeal_id",
				"the case cannot change hands");
}

static void route(struct assigning *a)
{
	struct complaints *svc = bus_request_svc(a->req);
	const struct bus_method *method = parts_method("RouteAppeal");
	Sy__V1__RouteAppealRequest req = SY__V1__ROUTE_APPEAL_REQUEST__INIT;
	Sy__V1__AppealRef ref = SY__V1__APPEAL_REF__INIT;

	ref.appeal_id = a->reply.appeal_id;
	req.appeal = &ref;
	req.handler = a->reply.handler;
	if (method == NULL)
		routed_cb(SY__V1__ERROR_CODE__UNKNOWN_METHOD, a);
	else
		bus_server_command(svc->bus, method, &req.base, routed_cb, a);
}

static char *id_text(struct arena *arena, const struct db_result *res, int st)
{
	size_t len;
	const uint8_t *id = db_get_bytes(res, st, 0, 0, &len);

	return len == UUID_BYTES
		       ? uuid_format(id, arena_alloc(arena, UUID_TEXT_MAX))
		       : (char *)"";
}

/* The same request again: the same case, also when the first was cut off. */
static bool repeated(struct assigning *a, const struct db_result *res)
{
	struct arena *arena = bus_request_arena(a->req);

	if (db_rows(res, ASSIGN_TAKEN) == 0)
		return false;
	a->reply.appeal_id = id_text(arena, res, ASSIGN_TAKEN);
	a->reply.handler =
		arena_strdup(arena, db_get_text(res, ASSIGN_TAKEN, 0, 1));
	if (db_get_bool(res, ASSIGN_TAKEN, 0, 2))
		bus_reply(a->req, &a->reply.base);
	else
		route(a);
	return true;
}

static void taken_cb(const struct db_result *res, void *arg)
{
	struct assigning *a = arg;

	if (bus_reply_db_error(a->req, res))
		return;
	if (db_rows(res, 0) == 1)
		route(a);
	else
		bus_reply_error(a->req, SY__V1__ERROR_CODE__CONFLICT,
				"appeal_id", "was given away just now");
}

static void pick(struct assigning *a, const struct seats *seats)
{
	struct bus_request *req = a->req;
	struct complaints *svc = bus_request_svc(req);
	const struct desk_case *c = a->c;
	const struct seat_need need = {
		.department = c->department,
		.code = { c->topic, c->product, c->segment, c->kind },
	};
	const struct seat *seat;
	struct db_pipe *pipe;

	for (size_t i = 0; i < seats->n; i++)
		seats->seat[i].serves_unit = serves(svc->replica, seats->put[i],
						    c->unit, c->registered_day);
	seat = seat_pick(seats->seat, seats->n, &need, time_now_us());
	if (seat == NULL) {
		bus_reply_error(req, SY__V1__ERROR_CODE__STATE, "appeal_id",
				"no seat that fits is free");
		return;
	}
	a->reply.appeal_id = (char *)c->id_text;
	a->reply.handler = (char *)seat->principal;
	pipe = bus_request_pipe(req);
	db_exec(pipe, DESK_SQL_TAKE);
	db_uuid(pipe, c->id);
	db_text(pipe, seat->principal);
	db_text(pipe, bus_request_principal(req));
	db_text(pipe, bus_request_key(req));
	db_pipe_run(pipe, taken_cb, a);
}

/* --- the next of one's own queue --- */

static void take(struct assigning *a);

static void queued_cb(const struct db_result *res, void *arg)
{
	struct assigning *a = arg;
	struct arena *arena = bus_request_arena(a->req);

	if (bus_reply_db_error(a->req, res))
		return;
	if (db_rows(res, 0) == 0) {
		bus_reply(a->req, &a->reply.base);
		return;
	}
	if (db_get_bool(res, 0, 0, 1)) {
		a->reply.appeal_id = id_text(arena, res, 0);
		a->reply.handler =
			arena_strdup(arena, bus_request_principal(a->req));
		route(a);
	} else if (++a->tries < TRIES_MAX) {
		take(a);
	} else {
		bus_reply_error(a->req, SY__V1__ERROR_CODE__BUSY, "",
				"too many take cases at once");
	}
}

static void take(struct assigning *a)
{
	struct bus_request *req = a->req;
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, DESK_SQL_QUEUE);
	/* the narrower of the two: a seat lies in its holder's subtree */
	db_text(pipe, a->seat->unit[0] != '\0' ? a->seat->unit
					       : bus_request_grant(req)->unit);
	db_text(pipe, a->seat->department);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < a->seat->n_skills; i++)
		db_array_text(pipe, a->seat->skills[i]);
	db_array_end(pipe);
	db_text(pipe, bus_request_principal(req));
	db_text(pipe, bus_request_key(req));
	db_pipe_run(pipe, queued_cb, a);
}

static void take_own(struct assigning *a, const struct seats *seats)
{
	struct bus_request *req = a->req;

	for (size_t i = 0; i < seats->n; i++) {
		const struct seat *s = &seats->seat[i];

		if (strcmp(s->principal, bus_request_principal(req)) != 0)
			continue;
		a->seat = seats->put[i];
		if (s->capacity == 0 || s->load < s->capacity)
			take(a);
		else
			bus_reply_error(req, SY__V1__ERROR_CODE__STATE, "",
					"the seat holds as many cases as it "
					"may");
		return;
	}
	bus_reply_error(req, SY__V1__ERROR_CODE__STATE, "",
			"the principal has no seat");
}

static void seated_cb(const struct db_result *res, void *arg)
{
	struct assigning *a = arg;
	struct seats seats;

	if (bus_reply_db_error(a->req, res) || repeated(a, res))
		return;
	seats = seats_read(bus_request_arena(a->req), res, ASSIGN_SEATS);
	if (a->c != NULL)
		pick(a, &seats);
	else
		take_own(a, &seats);
}

static void assign_case_cb(struct bus_request *req, const struct desk_case *c)
{
	struct assigning *a = arena_alloc(bus_request_arena(req), sizeof(*a));
	struct db_pipe *pipe = bus_request_pipe(req);

	a->req = req;
	a->c = c;
	sy__v1__assign_next_reply__init(&a->reply);
	seats_ask(pipe);
	db_exec(pipe, DESK_SQL_TAKEN);
	db_text(pipe, bus_request_principal(req));
	db_text(pipe, bus_request_key(req));
	db_pipe_run(pipe, seated_cb, a);
}

void handle_assign_next(struct bus_request *req)
{
	const Sy__V1__AssignNextRequest *msg =
		(const void *)bus_request_message(req);

	if (msg->appeal_id[0] != '\0')
		desk_case_read(req, msg->appeal_id, assign_case_cb);
	else
		assign_case_cb(req, NULL);
}
