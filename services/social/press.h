/* press.h -- the media desk (S13): a question of the press, one statement that
 * somebody else than its author has agreed to, where it was published.
 *
 *	asked --> agreed --> published --> closed
 *	  +---------+------------------------^
 */
#ifndef SUYUAN_SOCIAL_PRESS_H
#define SUYUAN_SOCIAL_PRESS_H

#include "reactions.h"

/* --- press_rules.c: pure --- */

enum press_step { PRESS_PUT, PRESS_AGREE, PRESS_PUBLISH, PRESS_CLOSE };
#define PRESS_STEPS (PRESS_CLOSE + 1)

struct press_problem {
	Sy__V1__ErrorCode code;
	const char *field;
	const char *text; /* a sentence, without values */
};
/* What the question becomes when by does this; false: refused. state NONE:
 * there is none yet. */
bool press_take(const Sy__V1__PressQuestion *press, enum press_step step,
		const char *by, Sy__V1__PressState *state_r,
		struct press_problem *problem_r);
bool press_check(const Sy__V1__PressQuestion *press,
		 struct press_problem *problem_r);
bool publication_check(const Sy__V1__PublishStatementRequest *req,
		       struct press_problem *problem_r);

/* --- the part --- */

#define PRESS_SQL_FIRST REACTIONS_SQL_END
enum press_sql {
	PRESS_SQL_READ = PRESS_SQL_FIRST,
	PRESS_SQL_CLAIM,
	PRESS_SQL_PUT,
	PRESS_SQL_SAY,
	PRESS_SQL_LIST,
	PRESS_SQL_END,
};
extern const struct db_statement press_sql[PRESS_SQL_END - PRESS_SQL_FIRST];
extern const struct bus_method press_methods[];
extern const struct part press_part;

/* --- press_list.c --- */

void handle_list_press_questions(struct bus_request *req);

#endif
