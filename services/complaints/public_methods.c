/* public_methods.c -- who may call what of customers' own: the gateway with its
 * own key, for whoever comes; rules and lists of visits are the staff's. The
 * part writes no aggregate of its own: what it changes is one statement, or a
 * fact of a case.
 */
#include "public.h"

/* clang-format off */
static const struct bus_method methods[] = {
	{ "GetPublicChoices", ROLE_GATEWAY, BUS_READ,
		&sy__v1__get_public_choices_request__descriptor,
		handle_get_public_choices },
	{ "FindPublicUnits", ROLE_GATEWAY, BUS_READ,
		&sy__v1__find_public_units_request__descriptor,
		handle_find_public_units },
	{ "LodgeAppeal", ROLE_GATEWAY, BUS_READ,
		&sy__v1__lodge_appeal_request__descriptor,
		handle_lodge_appeal },
	{ "FollowAppeal", ROLE_GATEWAY, BUS_READ,
		&sy__v1__follow_appeal_request__descriptor,
		handle_follow_appeal },
	{ "TellAppeal", ROLE_GATEWAY, BUS_READ,
		&sy__v1__tell_appeal_request__descriptor, handle_tell_appeal },
	{ "ListPublicCentres", ROLE_GATEWAY, BUS_READ,
		&sy__v1__list_public_centres_request__descriptor,
		handle_list_public_centres },
	{ "ListSlots", ROLE_GATEWAY, BUS_READ,
		&sy__v1__list_slots_request__descriptor, handle_list_slots },
	{ "BookSlot", ROLE_GATEWAY, BUS_READ,
		&sy__v1__book_slot_request__descriptor, handle_book_slot },
	{ "CancelBooking", ROLE_GATEWAY, BUS_READ,
		&sy__v1__cancel_booking_request__descriptor,
		handle_cancel_booking },
	{ "GetPublicFigures", ROLE_GATEWAY, BUS_READ,
		&sy__v1__get_public_figures_request__descriptor,
		handle_get_public_figures },
	{ "PutSlotRule", ROLE_ADMIN, BUS_READ,
		&sy__v1__put_slot_rule_request__descriptor,
		handle_put_slot_rule },
	{ "ListSlotRules", ROLE_HANDLER | ROLE_ADMIN, BUS_READ,
		&sy__v1__list_slot_rules_request__descriptor,
		handle_list_slot_rules },
	{ "ListBookings", ROLE_HANDLER, BUS_READ,
		&sy__v1__list_bookings_request__descriptor,
		handle_list_bookings },
	{ 0 },
};
/* clang-format on */

/* All of its methods read: nothing of it is ever to be decided. */
const struct part public_part = {
	.methods = methods,
	.statements_first = SQL_PUBLIC,
	.statements = public_sql,
	.statements_nr = PUBLIC_SQL_NR,
};
