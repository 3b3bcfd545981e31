/* scope_store.c -- what lies below a unit today, as a piece of any question. */
#include "social.h"

#define NOW "extract(epoch FROM now()) / 86400"

void social_put_scope(struct db_pipe *pipe, const char *column,
		      const char *unit)
{
	if (unit[0] == '\0')
		return;
	db_sql(pipe, " AND EXISTS (SELECT FROM dir_unit_path p"
		     " WHERE p.unit = (");
	db_sql(pipe, column);
	db_sql_text(pipe,
		    " COLLATE \"default\") AND p.from_day <= " NOW
		    " AND (p.to_day = 0 OR p.to_day > " NOW
		    ") AND p.ancestor = ",
		    unit);
	db_sql(pipe, ")");
}
