/* public_store.c -- every statement of what customers do by themselves.
 */
#include <string.h>

#include "public.h"

#define VALID_ON(alias)                                                        \
	alias ".valid_from_day <= $1::integer AND (" alias                     \
	      ".valid_to_day = 0 OR " alias ".valid_to_day > $1)"
#define RULE_OF_DAY(day)                                                       \
	"SELECT DISTINCT ON (unit, service) unit, service, slot_minutes,"      \
	" capacity FROM slot_rule WHERE valid_from_day <= " day                \
	" ORDER BY unit, service, valid_from_day DESC"

/* clang-format off */
const struct db_statement public_sql[PUBLIC_SQL_NR] = {
	/* $1 attempt, $2 hash of the code, $3 caller, $4 how many an hour. No
	 * row: too many. */
	[PUBLIC_SQL_LODGE] = { "public_lodge",
		"INSERT INTO public_lodging AS l"
		" (number, attempt, code_hash, caller) "
		"SELECT 'SY-' || to_char(now() AT TIME ZONE 'UTC', 'YYYY') ||"
		" '-' || lpad(nextval('public_number')::text, 6, '0'),"
		" $1::bytea, $2::bytea, $3::bytea "
		"WHERE (SELECT count(*) FROM public_lodging WHERE caller = $3"
		"  AND made_at > now() - interval '1 hour') < $4::integer"
		" OR EXISTS (SELECT FROM public_lodging WHERE attempt = $1) "
		"ON CONFLICT (attempt) DO UPDATE SET attempt = l.attempt "
		"RETURNING number, made_at" },
	/* What did not become an appeal. */
	[PUBLIC_SQL_UNLODGE] = { "public_unlodge",
		"DELETE FROM public_lodging l WHERE number = $1::text"
		" AND NOT EXISTS (SELECT FROM appeal a"
		"  WHERE a.source = $2::text AND a.external_id = $1)" },
	[PUBLIC_SQL_FORGET] = { "public_forget",
		"WITH misses AS (DELETE FROM public_miss"
		"  WHERE hour < now() - interval '1 day'),"
		" acts AS (DELETE FROM public_act"
		"  WHERE at < now() - interval '1 day') "
		"UPDATE public_lodging SET caller = NULL"
		" WHERE caller IS NOT NULL"
		" AND made_at < now() - interval '1 day'" },
	/* $1 number, $2 hash of the code, $3 caller: how often it was wrong,
	 * whether it fits; for an appeal */
	[PUBLIC_SQL_KNOWN] = { "public_known",
		"SELECT (SELECT coalesce(sum(n), 0)::bigint FROM public_miss"
		"  WHERE caller = $3::bytea"
		"  AND hour > now() - interval '1 hour'),"
		" EXISTS (SELECT FROM public_lodging WHERE number = $1::text"
		"  AND code_hash = $2::bytea)"
		" OR EXISTS (SELECT FROM booking WHERE number = $1"
		"  AND code_hash = $2)" },
	[PUBLIC_SQL_MISS] = { "public_miss",
		"INSERT INTO public_miss AS m (caller, hour, n)"
		" VALUES ($1::bytea, date_trunc('minute', now()), 1)"
		" ON CONFLICT (caller, hour) DO UPDATE SET n = m.n + 1" },
	[PUBLIC_SQL_ACT] = { "public_act",
		"INSERT INTO public_act AS p (attempt) VALUES ($1::bytea)"
		" ON CONFLICT (attempt) DO UPDATE SET attempt = p.attempt"
		" RETURNING at" },
	/* $1 day, $2 source, $3 number: of its kind, topic and unit */
	[PUBLIC_SQL_NAMES] = { "public_names",
		"WITH a AS (SELECT kind, topic, unit FROM appeal"
		" WHERE source = $2::text AND external_id = $3::text) "
		/* what has ended meanwhile keeps its name */
		"SELECT w.what, t.name_ru, t.name_zh, t.name_en FROM a"
		" CROSS JOIN LATERAL (VALUES (0, 'kind', a.kind),"
		"  (1, 'topic', a.topic)) w (what, taxonomy, code)"
		" CROSS JOIN LATERAL (SELECT * FROM dir_term t"
		"  WHERE t.taxonomy = w.taxonomy"
		"  AND t.code = w.code COLLATE \"default\""
		"  AND t.valid_from_day <= $1::integer"
		"  ORDER BY t.valid_from_day DESC LIMIT 1) t UNION ALL "
		"SELECT 2, u.name_ru, u.name_zh, u.name_en FROM a"
		" CROSS JOIN LATERAL (SELECT * FROM dir_unit u"
		"  WHERE u.code = a.unit COLLATE \"default\""
		"  AND u.valid_from_day <= $1"
		"  ORDER BY u.valid_from_day DESC LIMIT 1) u" },
	[PUBLIC_SQL_TERMS] = { "public_terms",
		"SELECT t.taxonomy, t.code, t.name_ru, t.name_zh, t.name_en"
		" FROM dir_term t"
		" WHERE t.taxonomy IN ('kind', 'topic', 'centre_service')"
		" AND " VALID_ON("t")
		" ORDER BY t.taxonomy, t.code LIMIT 1000" },
	/* $2 words as they stand in a name, or a code's beginning */
	[PUBLIC_SQL_UNITS] = { "public_units",
		"SELECT u.code, u.name_ru, u.name_zh, u.name_en FROM dir_unit u"
		" WHERE " VALID_ON("u") " AND ($2::text = ''"
		"  OR strpos(lower(u.name_ru), lower($2)) > 0"
		"  OR strpos(lower(u.name_zh), lower($2)) > 0"
		"  OR strpos(lower(u.name_en), lower($2)) > 0"
		"  OR starts_with(u.code, $2))"
		" ORDER BY length(u.code), u.code LIMIT 20" },
	[PUBLIC_SQL_CENTRES] = { "public_centres",
		"WITH rule AS (" RULE_OF_DAY("$1::integer") ") "
		"SELECT c.unit, c.body, u.name_ru, u.name_zh, u.name_en,"
		" (SELECT string_agg(r.service, ',' ORDER BY r.service)"
		"  FROM rule r WHERE r.unit = c.unit COLLATE \"C\" AND r.capacity > 0) "
		"FROM dir_centre c JOIN dir_unit u ON u.code = c.unit"
		" AND " VALID_ON("u") " WHERE " VALID_ON("c")
		" ORDER BY c.open DESC, c.planned_day, c.unit LIMIT 500" },
	/* Met or breached first answers, by month of registration. */
	[PUBLIC_SQL_FIGURES] = { "public_figures",
		"SELECT (date_trunc('month', registered_at AT TIME ZONE 'UTC')"
		"  ::date - date '1970-01-01'), count(*),"
		" count(*) FILTER (WHERE first_response = 2),"
		" count(*) FILTER (WHERE first_response IN (2, 3)) "
		"FROM appeal WHERE registered_at >= date_trunc('month',"
		" now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"
		" - interval '6 months' AND registered_at <= now()"
		" GROUP BY 1 ORDER BY 1" },
	[PUBLIC_SQL_RULE_PUT] = { "public_rule_put",
		"INSERT INTO slot_rule (unit, service, valid_from_day,"
		" slot_minutes, capacity, changed_by) VALUES ($1::text,"
		" $2::text, $3::integer, $4::integer, $5::integer, $6::text)"
		" ON CONFLICT (unit, service, valid_from_day) DO UPDATE SET"
		" slot_minutes = excluded.slot_minutes,"
		" capacity = excluded.capacity,"
		" changed_by = excluded.changed_by" },
	[PUBLIC_SQL_RULE_LIST] = { "public_rule_list",
		"SELECT service, valid_from_day, slot_minutes, capacity,"
		" changed_by FROM slot_rule WHERE unit = $1::text"
		" ORDER BY service, valid_from_day DESC LIMIT 1000" },
	/* $1 unit, $2 service, $3 today: with the centre's own calendar */
	[PUBLIC_SQL_RULES] = { "public_rules",
		"SELECT r.valid_from_day, r.slot_minutes, r.capacity, c.body"
		" FROM dir_centre c LEFT JOIN slot_rule r ON r.unit = $1"
		" AND r.service = $2::text"
		" WHERE c.unit = $1::text AND c.open"
		" AND c.valid_from_day <= $3::integer"
		" AND (c.valid_to_day = 0 OR c.valid_to_day > $3)"
		" ORDER BY r.valid_from_day DESC" },
	[PUBLIC_SQL_TAKEN] = { "public_taken",
		"SELECT day, minute, count(*) FROM booking"
		" WHERE unit = $1::text AND service = $2::text"
		" AND day BETWEEN $3::integer AND $4::integer GROUP BY 1, 2" },
	[PUBLIC_SQL_BOOK] = { "public_book",
		"SELECT number, full_up FROM booking_take($1::bytea, $2::bytea,"
		" $3::bytea, $4::text, $5::text, $6::integer, $7::integer,"
		" $8::integer, $9::text, $10::text, $11::text, $12::bytea,"
		" $13::integer)" },
	[PUBLIC_SQL_BOOK_FORGET] = { "public_book_forget",
		"WITH gone AS (DELETE FROM booking"
		"  WHERE day < $1::integer - 30) "
		"UPDATE booking SET caller = NULL WHERE caller IS NOT NULL"
		" AND made_at < now() - interval '1 day'" },
	[PUBLIC_SQL_CANCEL] = { "public_cancel",
		"DELETE FROM booking WHERE number = $1::text" },
	[PUBLIC_SQL_BOOKINGS] = { "public_bookings",
		"SELECT number, service, minute, name, phone, email"
		" FROM booking WHERE unit = $1::text AND day = $2::integer"
		" ORDER BY minute, service, number LIMIT 1000" },
};
/* clang-format on */

Sy__V1__Label **public_labels(struct arena *arena, const struct db_result *res,
			      int st, int row, int col, size_t *n_r)
{
	static const char *const langs[] = { "ru", "zh", "en" };
	Sy__V1__Label **labels = arena_alloc(arena, 3 * sizeof(labels[0]));

	*n_r = 0;
	for (int i = 0; i < 3; i++) {
		const char *text = db_get_text(res, st, row, col + i);
		Sy__V1__Label *label;

		if (text[0] == '\0')
			continue;
		label = arena_alloc(arena, sizeof(*label));
		sy__v1__label__init(label);
		label->lang = (char *)langs[i];
		label->text = arena_strdup(arena, text);
		labels[(*n_r)++] = label;
	}
	return labels;
}
