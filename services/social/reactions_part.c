/* reactions_part.c -- who may call what of reactions, and the part it is of the
 * service: it follows the mentions of each batch.
 */
#include <string.h>

#include "reactions.h"

#define READERS (ROLE_READER | ROLE_HANDLER)

/* clang-format off */
const struct bus_method reactions_methods[] = {
	[REACTIONS_OPEN] = { "OpenReaction", ROLE_HANDLER, BUS_WRITE,
		&sy__v1__open_reaction_request__descriptor, NULL },
	[REACTIONS_ASSIGN] = { "AssignReaction", ROLE_HANDLER, BUS_WRITE,
		&sy__v1__assign_reaction_request__descriptor, NULL },
	[REACTIONS_ANSWER] = { "AnswerReaction", ROLE_HANDLER, BUS_WRITE,
		&sy__v1__answer_reaction_request__descriptor, NULL },
	[REACTIONS_FORWARD] = { "ForwardReaction", ROLE_HANDLER, BUS_WRITE,
		&sy__v1__forward_reaction_request__descriptor, NULL },
	[REACTIONS_REPORT] = { "ReportReaction", ROLE_HANDLER, BUS_WRITE,
		&sy__v1__report_reaction_request__descriptor, NULL },
	[REACTIONS_DISMISS] = { "DismissReaction", ROLE_HANDLER, BUS_WRITE,
		&sy__v1__dismiss_reaction_request__descriptor, NULL },
	[REACTIONS_REOPEN] = { "ReopenReaction", ROLE_HANDLER, BUS_WRITE,
		&sy__v1__reopen_reaction_request__descriptor, NULL },
	/* no role: only the service itself */
	[REACTIONS_JUDGE] = { "JudgeMentions", 0, BUS_WRITE,
		&sy__v1__judge_mentions_request__descriptor, NULL },
	[REACTIONS_DUE] = { "ReactionsDue", 0, BUS_WRITE,
		&sy__v1__reactions_due_request__descriptor, NULL },
	[REACTIONS_TOLD] = { "ToldComplaints", 0, BUS_WRITE,
		&sy__v1__told_complaints_request__descriptor, NULL },
	[REACTIONS_HEAR] = { "HearAppeals", 0, BUS_WRITE,
		&sy__v1__hear_appeals_request__descriptor, NULL },

	{ "ListReactions", READERS, BUS_READ,
		&sy__v1__list_reactions_request__descriptor,
		handle_list_reactions },
	{ "GetReaction", READERS, BUS_READ,
		&sy__v1__get_reaction_request__descriptor,
		handle_get_reaction },
	{ 0 },
};
/* clang-format on */

bool mention_said(const struct reactions *all, const uint8_t id[UUID_BYTES],
		  struct mention_said *said_r)
{
	const int st = all->at + READ_SAID;

	*said_r = (struct mention_said){ "", "", "", "" };
	for (int row = 0; row < db_rows(all->res, st); row++) {
		size_t len;
		const uint8_t *is = db_get_bytes(all->res, st, row, 0, &len);

		if (len != UUID_BYTES || memcmp(is, id, len) != 0)
			continue;
		*said_r = (struct mention_said){
			.text = db_get_text(all->res, st, row, 1),
			.title = db_get_text(all->res, st, row, 2),
			.author = db_get_text(all->res, st, row, 3),
			.url = db_get_text(all->res, st, row, 4),
		};
		return true;
	}
	return false;
}

/* Rows that items of the batch may be done with. */
static void rooms(struct reactions *all)
{
	const struct bus_batch *batch = all->batch;
	size_t heard = 0, asked = 0;

	for (size_t i = 0; i < batch->n; i++) {
		const Sy__V1__HearAppealsRequest *hear =
			(const void *)batch->items[i]->request;
		const Sy__V1__JudgeMentionsRequest *judge =
			(const void *)batch->items[i]->request;

		if (batch->items[i]->method ==
		    &reactions_methods[REACTIONS_HEAR])
			heard += hear->n_heard;
		if (batch->items[i]->method ==
		    &reactions_methods[REACTIONS_JUDGE])
			asked += judge->n_ns;
	}
	all->told =
		arena_alloc(all->arena, (batch->n + 1) * sizeof(all->told[0]));
	all->heard =
		arena_alloc(all->arena, (heard + 1) * sizeof(all->heard[0]));
	all->asked =
		arena_alloc(all->arena, (asked + 1) * sizeof(all->asked[0]));
}

static enum bus_decision reactions_decide(void *svc, struct bus_batch *batch,
					  const struct db_result *res,
					  int first, bool directory_fresh)
{
	struct reactions *all = arena_alloc(&batch->arena, sizeof(*all));

	*all = (struct reactions){
		.svc = svc,
		.batch = batch,
		.arena = &batch->arena,
		.effects_end = &all->effects,
		.tells_end = &all->tells,
		.res = res,
		.at = first,
		.directory_fresh = directory_fresh,
	};
	if (batch->n > 0) {
		struct mentions *mentions = mentions_of_batch();

		rooms(all);
		reactions_load(all, res, first + READ_REACTIONS);
		mentions_load(mentions, res, first + READ_MENTIONS);
	}
	reactions_open_batch(all);
	for (size_t i = 0; i < batch->n && !all->wait; i++) {
		if (batch->items[i]->method->roles == 0)
			reactions_decide_self(all, batch->items[i]);
		else
			reactions_decide_person(all, batch->items[i]);
	}
	batch->scratch = all;
	return all->wait ? BUS_WAIT_DIRECTORY : BUS_DECIDED;
}

const struct part reactions_part = {
	.methods = reactions_methods,
	.statements_first = REACTIONS_SQL_FIRST,
	.statements = reactions_sql,
	.statements_nr = REACTIONS_SQL_END - REACTIONS_SQL_FIRST,
	.follows = true,
	.read = reactions_read,
	.decide = reactions_decide,
	.write = reactions_write,
};
