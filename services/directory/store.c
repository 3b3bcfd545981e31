/* store.c -- every SQL statement of the directory. Their parameters and rows:
 * rows.c. */
#include "store.h"

/* clang-format off */

/* In the order in which rows.c reads them. */
#define PRINCIPAL_COLUMNS \
	"name, array_to_string(roles, ',')," \
	" array_to_string(streams, ','), unit, revoked, person," \
	" display_name, lang"
#define UNIT_COLUMNS \
	"code, valid_from_day, valid_to_day, parent, level, zone," \
	" calendar, name_ru, name_zh, name_en"
#define EMPLOYEE_COLUMNS \
	"code, valid_from_day, valid_to_day, name, position, unit," \
	" department, principal"

/* $1 state (0 any, 1 open, 2 not), $2 and $3 days of the opening, $4 day, $5
 * root of what may be seen. */
#define CENTRES_ASKED \
	"seen (code) AS (" \
	" SELECT $5::text UNION SELECT u.code FROM seen" \
	"  JOIN units_on($4::int) u ON u.parent = seen.code" \
	"  WHERE seen.code <> '')," \
	"asked AS (SELECT * FROM (SELECT DISTINCT ON (unit) *," \
	"   CASE WHEN open THEN opened_day ELSE planned_day END AS at" \
	"   FROM centre WHERE valid_from_day <= $4" \
	"   ORDER BY unit, valid_from_day DESC) c" \
	" WHERE (valid_to_day = 0 OR valid_to_day > $4)" \
	"  AND ($1::int = 0 OR open = ($1 = 1)) AND at >= $2::int" \
	"  AND ($3::int = 0 OR at < $3)" \
	"  AND ($5 = '' OR unit IN (SELECT code FROM seen))) "

#define ALL_OF(columns, table, key, day) \
	"SELECT " columns ", " key " AS k, " day " AS d FROM " table \
	" WHERE (" key ", " day ") > ($1::text, $2::int)" \
	" ORDER BY k, d LIMIT $3::int"

const struct db_statement directory_statements[SQL_NR] = {
	[SQL_READ_REVISION] = { "read_revision",
		"SELECT coalesce(max(revision), 0) FROM change" },

	/* Of units that get an end the last parameters of these and of others
	 * name what stands there. */

	/* The named codes, the children of those that get an end ($2), where
	 * the named principals ($3) and employees ($4) stand now, and all
	 * ancestors of these, with all of their versions. */
	[SQL_READ_UNITS] = { "read_units",
		"WITH RECURSIVE up (code) AS ("
		" SELECT unnest($1::text[])"
		" UNION SELECT code FROM unit WHERE parent = ANY ($2::text[])"
		" UNION SELECT unit FROM principal"
		"  WHERE name = ANY ($3::text[]) AND unit <> ''"
		" UNION SELECT unit FROM employees_named($4::text[])"
		" UNION SELECT u.parent FROM up JOIN unit u USING (code)"
		"  WHERE u.parent <> '') "
		"SELECT " UNIT_COLUMNS ", revision"
		" FROM up JOIN unit USING (code)" },
	[SQL_READ_DEPARTMENTS] = { "read_departments",
		"WITH RECURSIVE up (code) AS ("
		" SELECT unnest($1::text[])"
		" UNION SELECT code FROM department"
		"  WHERE parent = ANY ($2::text[])"
		" UNION SELECT d.parent FROM up JOIN department d USING (code)"
		"  WHERE d.parent <> '') "
		"SELECT code, valid_from_day, valid_to_day, parent,"
		" name_ru, name_zh, name_en, revision"
		" FROM up JOIN department USING (code)" },
	[SQL_READ_TERMS] = { "read_terms",
		"WITH RECURSIVE up (taxonomy, code) AS ("
		" SELECT * FROM unnest($1::text[], $2::text[])"
		" UNION SELECT taxonomy, code FROM term WHERE"
		"  (taxonomy, parent) IN"
		"  (SELECT * FROM unnest($3::text[], $4::text[]))"
		" UNION SELECT t.taxonomy, t.parent"
		"  FROM up JOIN term t USING (taxonomy, code)"
		"  WHERE t.parent <> '') "
		"SELECT taxonomy, code, valid_from_day, valid_to_day, parent,"
		" class, name_ru, name_zh, name_en, revision"
		" FROM up JOIN term USING (taxonomy, code)" },
	[SQL_READ_DENOMINATORS] = { "read_denominators",
		"SELECT unit, measure, valid_from_day, valid_to_day, value,"
		" revision FROM denominator WHERE (unit, measure) IN"
		" (SELECT * FROM unnest($1::text[], $2::text[]))" },
	[SQL_READ_PRINCIPALS] = { "read_principals",
		"SELECT " PRINCIPAL_COLUMNS ", revision"
		" FROM principal WHERE name = ANY ($1::text[])"
		" OR unit = ANY ($2::text[])" },
	[SQL_READ_SIGNING_KEYS] = { "read_signing_keys",
		"SELECT key_id, public_key, revoked, revision"
		" FROM signing_key WHERE key_id = ANY ($1::text[])" },
	[SQL_READ_CALENDARS] = { "read_calendars",
		"SELECT body, revision FROM calendar"
		" WHERE code = ANY ($1::text[])" },
	[SQL_READ_CALENDAR_DAYS] = { "read_calendar_days",
		"SELECT body, revision FROM calendar_day"
		" WHERE (calendar, day) IN"
		" (SELECT * FROM unnest($1::text[], $2::int[]))" },
	[SQL_READ_EMPLOYEES] = { "read_employees",
		"SELECT " EMPLOYEE_COLUMNS ", revision"
		" FROM employees_named($1::text[])"
		" UNION SELECT " EMPLOYEE_COLUMNS ", revision"
		" FROM employees_of($2::text[])" },
	[SQL_READ_CENTRES] = { "read_centres",
		"SELECT body, revision FROM centre"
		" WHERE unit = ANY ($1::text[])" },
	[SQL_READ_POLICIES] = { "read_policies",
		"SELECT body, revision FROM policy"
		" WHERE code = ANY ($1::text[]) OR units && $2::text[]" },
	[SQL_READ_NOTES] = { "read_notes",
		"SELECT note_id, at, principal, what, by_principal, token_id"
		" FROM security_note WHERE note_id = ANY ($1::bigint[])" },

	[SQL_ADVANCE] = { "advance",
		"SELECT directory_advance($1::bigint, $2::integer)" },
	[SQL_WRITE_UNITS] = { "write_units",
		"INSERT INTO unit (" UNIT_COLUMNS ", revision) "
		"SELECT * FROM unnest($1::text[], $2::int[], $3::int[],"
		" $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],"
		" $9::text[], $10::text[], $11::bigint[]) ORDER BY 1, 2 "
		"ON CONFLICT (code, valid_from_day) DO UPDATE SET"
		" valid_to_day = excluded.valid_to_day,"
		" parent = excluded.parent, level = excluded.level,"
		" zone = excluded.zone, calendar = excluded.calendar,"
		" name_ru = excluded.name_ru, name_zh = excluded.name_zh, name_en = excluded.name_en,"
		" revision = excluded.revision" },
	[SQL_WRITE_DEPARTMENTS] = { "write_departments",
		"INSERT INTO department (code, valid_from_day, valid_to_day,"
		" parent, name_ru, name_zh, name_en, revision) "
		"SELECT * FROM unnest($1::text[], $2::int[], $3::int[],"
		" $4::text[], $5::text[], $6::text[], $7::text[],"
		" $8::bigint[]) ORDER BY 1, 2 "
		"ON CONFLICT (code, valid_from_day) DO UPDATE SET"
		" valid_to_day = excluded.valid_to_day,"
		" parent = excluded.parent, name_ru = excluded.name_ru,"
		" name_zh = excluded.name_zh, name_en = excluded.name_en,"
		" revision = excluded.revision" },
	[SQL_WRITE_TERMS] = { "write_terms",
		"INSERT INTO term (taxonomy, code, valid_from_day,"
		" valid_to_day, parent, class, name_ru, name_zh, name_en,"
		" revision) "
		"SELECT * FROM unnest($1::text[], $2::text[], $3::int[],"
		" $4::int[], $5::text[], $6::text[], $7::text[], $8::text[],"
		" $9::text[], $10::bigint[]) ORDER BY 1, 2, 3 "
		"ON CONFLICT (taxonomy, code, valid_from_day) DO UPDATE SET"
		" valid_to_day = excluded.valid_to_day,"
		" parent = excluded.parent, class = excluded.class,"
		" name_ru = excluded.name_ru, name_zh = excluded.name_zh,"
		" name_en = excluded.name_en, revision = excluded.revision" },
	[SQL_WRITE_DENOMINATORS] = { "write_denominators",
		"INSERT INTO denominator (unit, measure, valid_from_day,"
		" valid_to_day, value, revision) "
		"SELECT * FROM unnest($1::text[], $2::text[], $3::int[],"
		" $4::int[], $5::bigint[], $6::bigint[]) ORDER BY 1, 2, 3 "
		"ON CONFLICT (unit, measure, valid_from_day) DO UPDATE SET"
		" valid_to_day = excluded.valid_to_day,"
		" value = excluded.value, revision = excluded.revision" },
	[SQL_WRITE_PRINCIPALS] = { "write_principals",
		"INSERT INTO principal (name, roles, streams, unit, revoked,"
		" person, display_name, lang, revision) "
		"SELECT name, string_to_array(roles, ','),"
		" string_to_array(streams, ','), unit, revoked, person,"
		" display_name, lang, revision"
		" FROM unnest($1::text[], $2::text[], $3::text[], $4::text[],"
		" $5::boolean[], $6::boolean[], $7::text[], $8::text[],"
		" $9::bigint[]) AS p (name, roles, streams, unit, revoked,"
		" person, display_name, lang, revision)"
		" ORDER BY name "
		"ON CONFLICT (name) DO UPDATE SET roles = excluded.roles,"
		" streams = excluded.streams, unit = excluded.unit,"
		" revoked = excluded.revoked, person = excluded.person,"
		" display_name = excluded.display_name, lang = excluded.lang,"
		" revision = excluded.revision" },
	[SQL_WRITE_SIGNING_KEYS] = { "write_signing_keys",
		"INSERT INTO signing_key (key_id, public_key, revoked,"
		" revision) "
		"SELECT * FROM unnest($1::text[], $2::bytea[], $3::boolean[],"
		" $4::bigint[]) ORDER BY 1 "
		"ON CONFLICT (key_id) DO UPDATE SET"
		" public_key = excluded.public_key,"
		" revoked = excluded.revoked, revision = excluded.revision" },
	[SQL_WRITE_CALENDARS] = { "write_calendars",
		"INSERT INTO calendar (code, valid_from_day, valid_to_day,"
		" body, revision) "
		"SELECT * FROM unnest($1::text[], $2::int[], $3::int[],"
		" $4::bytea[], $5::bigint[]) ORDER BY 1, 2 "
		"ON CONFLICT (code, valid_from_day) DO UPDATE SET"
		" valid_to_day = excluded.valid_to_day, body = excluded.body,"
		" revision = excluded.revision" },
	[SQL_WRITE_CALENDAR_DAYS] = { "write_calendar_days",
		"INSERT INTO calendar_day (calendar, day, body, revision) "
		"SELECT * FROM unnest($1::text[], $2::int[], $3::bytea[],"
		" $4::bigint[]) ORDER BY 1, 2 "
		"ON CONFLICT (calendar, day) DO UPDATE SET"
		" body = excluded.body, revision = excluded.revision" },
	[SQL_WRITE_EMPLOYEES] = { "write_employees",
		"INSERT INTO employee (" EMPLOYEE_COLUMNS ", revision) "
		"SELECT * FROM unnest($1::text[], $2::int[], $3::int[],"
		" $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],"
		" $9::bigint[]) ORDER BY 1, 2 "
		"ON CONFLICT (code, valid_from_day) DO UPDATE SET"
		" valid_to_day = excluded.valid_to_day, name = excluded.name,"
		" position = excluded.position, unit = excluded.unit,"
		" department = excluded.department,"
		" principal = excluded.principal,"
		" revision = excluded.revision" },
	[SQL_WRITE_CENTRES] = { "write_centres",
		"INSERT INTO centre (unit, valid_from_day, valid_to_day, open,"
		" planned_day, opened_day, body, revision) "
		"SELECT * FROM unnest($1::text[], $2::int[], $3::int[],"
		" $4::boolean[], $5::int[], $6::int[], $7::bytea[],"
		" $8::bigint[]) ORDER BY 1, 2 "
		"ON CONFLICT (unit, valid_from_day) DO UPDATE SET"
		" valid_to_day = excluded.valid_to_day, open = excluded.open,"
		" planned_day = excluded.planned_day,"
		" opened_day = excluded.opened_day, body = excluded.body,"
		" revision = excluded.revision" },
	[SQL_WRITE_POLICIES] = { "write_policies",
		"INSERT INTO policy (code, valid_from_day, valid_to_day, rule,"
		" units, body, revision) "
		"SELECT code, from_day, to_day, rule,"
		" string_to_array(units, ','), body, revision"
		" FROM unnest($1::text[], $2::int[], $3::int[], $4::int[],"
		" $5::text[], $6::bytea[], $7::bigint[]) AS p (code, from_day,"
		" to_day, rule, units, body, revision) ORDER BY 1, 2 "
		"ON CONFLICT (code, valid_from_day) DO UPDATE SET"
		" valid_to_day = excluded.valid_to_day, rule = excluded.rule,"
		" units = excluded.units, body = excluded.body, revision = excluded.revision" },
	[SQL_DELETE_NOTES] = { "delete_notes",
		"DELETE FROM security_note WHERE note_id = ANY ($1::bigint[])" },

	/* $1 parent, $2 day, $3 after this code, $4 limit, $5 root of what may
	 * be seen ('' = all): the roots of who sees a subtree is that root. */
	[SQL_LIST_UNITS] = { "list_units",
		"WITH RECURSIVE valid AS NOT MATERIALIZED ("
		" SELECT u.* FROM unit u WHERE u.valid_from_day <= $2::int"
		"  AND (u.valid_to_day = 0 OR u.valid_to_day > $2::int)"
		"  AND NOT EXISTS (SELECT FROM unit n WHERE n.code = u.code"
		"   AND n.valid_from_day > u.valid_from_day"
		"   AND n.valid_from_day <= $2::int)),"
		"up (code) AS ("
		" SELECT $1::text"
		" UNION SELECT v.parent FROM up JOIN valid v USING (code)) "
		"SELECT " UNIT_COLUMNS " FROM valid"
		" WHERE code > $3::text AND CASE WHEN $5::text = ''"
		"  THEN parent = $1 WHEN $1 = '' THEN code = $5 ELSE parent = $1"
		"  AND EXISTS (SELECT FROM up WHERE up.code = $5) END"
		" ORDER BY code LIMIT $4::int" },
	[SQL_STATUS] = { "status",
		"SELECT (SELECT coalesce(max(revision), 0) FROM change),"
		" (SELECT count(*) FROM (SELECT FROM unit GROUP BY code) u),"
		" (SELECT count(*) FROM"
		"  (SELECT FROM department GROUP BY code) d),"
		" (SELECT count(*) FROM"
		"  (SELECT FROM term GROUP BY taxonomy, code) t),"
		" (SELECT count(*) FROM denominator),"
		" (SELECT count(*) FROM principal)" },
	[SQL_ALL_PRINCIPALS] = { "all_principals",
		"SELECT " PRINCIPAL_COLUMNS
		" FROM principal WHERE $1::bigint <"
		" (SELECT coalesce(max(revision), 0) FROM change)" },
	[SQL_ALL_SIGNING_KEYS] = { "all_signing_keys",
		"SELECT key_id, public_key, revoked, secret"
		" FROM signing_key LEFT JOIN signing_secret USING (key_id)"
		" WHERE $1::bigint <"
		" (SELECT coalesce(max(revision), 0) FROM change)"
		" ORDER BY made_at" },

	/* $1 text, $2 limit, $3 root of what may be seen, $4 day */
	[SQL_SEARCH_UNITS] = { "search_units",
		"WITH RECURSIVE needle AS MATERIALIZED (SELECT"
		" lower($1::text COLLATE \"und-x-icu\") COLLATE \"C\" AS t),"
		"down (code) AS ("
		" SELECT $3::text WHERE $3 <> ''"
		" UNION SELECT u.code FROM down"
		"  JOIN units_on($4::int) u ON u.parent = down.code),"
		"hit AS (SELECT u.*, row_number() OVER (ORDER BY u.code <> t,"
		"  NOT starts_with(u.search, t), length(u.search), u.code) AS n"
		" FROM units_on($4) u, needle WHERE strpos(u.search, t) > 0"
		"  AND ($3 = '' OR u.code IN (SELECT code FROM down))"
		" ORDER BY n LIMIT $2::int) "
		"SELECT " UNIT_COLUMNS ","
		" (SELECT string_agg(c.code, '/' ORDER BY c.depth DESC)"
		"  FROM unit_chain(hit.code, $4) c) FROM hit ORDER BY n" },
	[SQL_GET_UNIT] = { "get_unit",
		"SELECT " UNIT_COLUMNS ", c.depth FROM"
		" (SELECT code AS at, depth FROM unit_chain($1::text, $2::int)) c"
		" CROSS JOIN LATERAL (SELECT * FROM unit v WHERE v.code = c.at"
		"  AND v.valid_from_day <= $2"
		"  ORDER BY v.valid_from_day DESC LIMIT 1) u"
		" ORDER BY c.depth DESC" },
	[SQL_COUNT_CHILDREN] = { "count_children",
		"SELECT count(*)::int FROM units_on($2::int)"
		" WHERE parent = $1::text" },
	[SQL_LIST_TERMS] = { "list_terms",
		"SELECT taxonomy, code, valid_from_day, valid_to_day, parent,"
		" class, name_ru, name_zh, name_en FROM"
		" (SELECT DISTINCT ON (taxonomy, code) * FROM term"
		"  WHERE valid_from_day <= $2::int"
		"  AND ($1::text = '' OR taxonomy = $1)"
		"  ORDER BY taxonomy, code, valid_from_day DESC) t"
		" WHERE valid_to_day = 0 OR valid_to_day > $2"
		" ORDER BY taxonomy, code LIMIT 5000" },
	[SQL_LIST_DEPARTMENTS] = { "list_departments",
		"SELECT code, valid_from_day, valid_to_day, parent,"
		" name_ru, name_zh, name_en FROM"
		" (SELECT DISTINCT ON (code) * FROM department"
		"  WHERE valid_from_day <= $1::int"
		"  ORDER BY code, valid_from_day DESC) d"
		" WHERE valid_to_day = 0 OR valid_to_day > $1"
		" ORDER BY code LIMIT 5000" },
	[SQL_LIST_PRINCIPALS] = { "list_principals",
		"SELECT " PRINCIPAL_COLUMNS " FROM principal"
		" WHERE name > $1::text AND (person OR NOT $3::boolean)"
		" AND ($5::text = '' OR name = $5) AND ($6::text = ''"
		"  OR strpos(lower(name || E'\n' || display_name"
		"   COLLATE \"und-x-icu\"), lower($6 COLLATE \"und-x-icu\")) > 0)"
		" AND unit_within(unit, $4::text) ORDER BY name LIMIT $2::int" },

	/* $1 rule (0 = any), $2 day, $3 after this code, $4 limit */
	[SQL_LIST_POLICIES] = { "list_policies",
		"SELECT body, code FROM (SELECT DISTINCT ON (code) *"
		"  FROM policy WHERE valid_from_day <= $2::int"
		"  AND code > $3::text ORDER BY code, valid_from_day DESC) p"
		" WHERE (valid_to_day = 0 OR valid_to_day > $2)"
		" AND ($1::int = 0 OR rule = $1) ORDER BY code LIMIT $4::int" },
	[SQL_LIST_CALENDARS] = { "list_calendars",
		"SELECT body FROM (SELECT DISTINCT ON (code) * FROM calendar"
		"  WHERE valid_from_day <= $1::int"
		"  ORDER BY code, valid_from_day DESC) c"
		" WHERE valid_to_day = 0 OR valid_to_day > $1"
		" ORDER BY code LIMIT 5000" },
	/* $2 and $3: the year's first day and the next year's */
	[SQL_CALENDAR_WEEKS] = { "calendar_weeks",
		"SELECT body FROM calendar c WHERE code = $1::text"
		" AND valid_from_day < $3::int"
		" AND (valid_to_day = 0 OR valid_to_day > $2::int)"
		" AND NOT EXISTS (SELECT FROM calendar n WHERE n.code = c.code"
		"  AND n.valid_from_day > c.valid_from_day"
		"  AND n.valid_from_day <= $2) ORDER BY valid_from_day" },
	[SQL_CALENDAR_DAYS] = { "calendar_days",
		"SELECT body FROM calendar_day WHERE calendar = $1::text"
		" AND day >= $2::int AND day < $3::int ORDER BY day" },
	/* $1 unit, $2 text, $3 day, $4 after this code, $5 limit, $6 root of
	 * what may be seen */
	[SQL_LIST_EMPLOYEES] = { "list_employees",
		"WITH RECURSIVE needle AS MATERIALIZED (SELECT"
		" lower($2::text COLLATE \"und-x-icu\") COLLATE \"C\" AS t),"
		"down (code) AS ("
		" SELECT $1::text UNION SELECT u.code FROM down"
		"  JOIN units_on($3::int) u ON u.parent = down.code"
		"  WHERE down.code <> ''),"
		"seen (code) AS ("
		" SELECT $6::text UNION SELECT u.code FROM seen"
		"  JOIN units_on($3) u ON u.parent = seen.code"
		"  WHERE seen.code <> '') "
		"SELECT " EMPLOYEE_COLUMNS " FROM employee e, needle"
		" WHERE valid_from_day <= $3 AND code > $4::text"
		" AND (valid_to_day = 0 OR valid_to_day > $3)"
		" AND NOT EXISTS (SELECT FROM employee n WHERE n.code = e.code"
		"  AND n.valid_from_day > e.valid_from_day"
		"  AND n.valid_from_day <= $3)"
		" AND ($1 = '' OR unit IN (SELECT code FROM down))"
		" AND ($6 = '' OR unit IN (SELECT code FROM seen))"
		" AND (t = '' OR strpos(search, t) > 0)"
		" ORDER BY code LIMIT $5::int" },
	/* $6 limit, $7 after this unit */
	[SQL_LIST_CENTRES] = { "list_centres",
		"WITH RECURSIVE " CENTRES_ASKED
		"SELECT body, unit FROM asked WHERE unit > $7::text"
		" ORDER BY unit LIMIT $6::int" },
	[SQL_CENTRE_QUARTERS] = { "centre_quarters",
		"WITH RECURSIVE " CENTRES_ASKED
		"SELECT (date_trunc('quarter', date '1970-01-01' + at)::date"
		"  - date '1970-01-01')::int AS quarter,"
		" (count(*) FILTER (WHERE open))::int,"
		" (count(*) FILTER (WHERE NOT open))::int"
		" FROM asked WHERE at > 0 GROUP BY quarter ORDER BY quarter" },

	/* $1, $2: after this key and first day; $3 limit */
	[SQL_ALL_OF_UNITS] = { "all_of_units",
		ALL_OF(UNIT_COLUMNS, "unit", "code", "valid_from_day") },
	[SQL_ALL_OF_DEPARTMENTS] = { "all_of_departments",
		ALL_OF("code, valid_from_day, valid_to_day, parent,"
		       " name_ru, name_zh, name_en",
		       "department", "code", "valid_from_day") },
	[SQL_ALL_OF_TERMS] = { "all_of_terms",
		ALL_OF("taxonomy, code, valid_from_day, valid_to_day, parent,"
		       " class, name_ru, name_zh, name_en",
		       "term", "taxonomy || '/' || code", "valid_from_day") },
	[SQL_ALL_OF_DENOMINATORS] = { "all_of_denominators",
		ALL_OF("unit, measure, valid_from_day, valid_to_day, value",
		       "denominator", "unit || '/' || measure",
		       "valid_from_day") },
	[SQL_ALL_OF_PRINCIPALS] = { "all_of_principals",
		ALL_OF(PRINCIPAL_COLUMNS, "principal", "name", "0") },
	[SQL_ALL_OF_CALENDARS] = { "all_of_calendars",
		ALL_OF("body", "calendar", "code", "valid_from_day") },
	[SQL_ALL_OF_CALENDAR_DAYS] = { "all_of_calendar_days",
		ALL_OF("body", "calendar_day", "calendar", "day") },
	[SQL_ALL_OF_EMPLOYEES] = { "all_of_employees",
		ALL_OF(EMPLOYEE_COLUMNS, "employee", "code",
		       "valid_from_day") },
	[SQL_ALL_OF_CENTRES] = { "all_of_centres",
		ALL_OF("body", "centre", "unit", "valid_from_day") },
	[SQL_ALL_OF_POLICIES] = { "all_of_policies",
		ALL_OF("body", "policy", "code", "valid_from_day") },

	/* People: the functions of schema/0002_people.sql */
	[SQL_SIGN_IN_TRY] = { "sign_in_try",
		"SELECT hash, locked FROM sign_in_try($1::text)" },
	[SQL_SIGN_IN] = { "sign_in",
		"SELECT " PRINCIPAL_COLUMNS
		" FROM sign_in($1::text, $2::uuid)" },
	[SQL_SESSION_RENEW] = { "session_renew",
		"SELECT " PRINCIPAL_COLUMNS " FROM session s"
		" JOIN principal p ON p.name = s.principal"
		" LEFT JOIN api_token t USING (token_id)"
		" WHERE s.session_id = $1::uuid AND s.principal = $2::text"
		" AND s.ended_at IS NULL AND NOT p.revoked"
		" AND s.started_at > clock_timestamp() - interval '7 days'"
		" AND (s.token_id IS NULL OR (t.revoked_at IS NULL"
		"  AND t.expires_at > clock_timestamp()))" },
	[SQL_SIGN_OUT] = { "sign_out",
		"SELECT sign_out($1::text, $2::uuid)" },
	[SQL_INVITE_MAKE] = { "invite_make",
		"SELECT invite_make($1::text, $2::bytea, $3::timestamptz,"
		" $4::text, $5::text)" },
	[SQL_INVITE_LOOK] = { "invite_look",
		"SELECT ended_at IS NULL, session_id, principal FROM invite"
		" WHERE code_hash = $1::bytea"
		" AND (ended_at IS NULL AND expires_at > clock_timestamp()"
		"  OR accepted_key = $2::bytea"
		"  AND ended_at > clock_timestamp() - interval '10 minutes')" },
	[SQL_INVITE_ACCEPT] = { "invite_accept",
		"SELECT " PRINCIPAL_COLUMNS
		" FROM invite_accept($1::bytea, $2::text, $3::uuid,"
		" $4::bytea)" },
	[SQL_PASSWORD_CHANGE] = { "password_change",
		"SELECT password_set($1::text, $2::text, $3::uuid)" },
	[SQL_FAILURE_NOTE] = { "failure_note",
		"INSERT INTO security_note (principal, what, by_principal)"
		" VALUES ($1::text, 'SignInFailed', $1)" },
	[SQL_API_TOKEN_MAKE] = { "api_token_make",
		"SELECT api_token_make($1::text, $2::text, $3::bytea, $4::text,"
		" $5::timestamptz, $6::text, $7::text)" },
	[SQL_API_TOKEN_REVOKE] = { "api_token_revoke",
		"SELECT api_token_revoke($1::text, $2::text, $3::text)" },
	[SQL_API_TOKEN_EXCHANGE] = { "api_token_exchange",
		"SELECT " PRINCIPAL_COLUMNS
		" FROM api_token_exchange($1::bytea, $2::uuid)" },
	/* $1 machine, '' = any, $2 after this one, $3 limit, $4 root of what may
	 * be seen */
	[SQL_LIST_API_TOKENS] = { "list_api_tokens",
		"SELECT t.token_id, t.principal, t.note, t.made_by, t.made_at,"
		" t.expires_at, t.revoked_at, t.signed_in_at"
		" FROM api_token t JOIN principal p ON p.name = t.principal"
		" WHERE ($1::text = '' OR t.principal = $1)"
		" AND t.token_id > $2::text AND unit_within(p.unit, $4::text)"
		" ORDER BY t.token_id LIMIT $3::int" },
	[SQL_NEXT_NOTES] = { "next_notes",
		"SELECT note_id, principal FROM security_note"
		" ORDER BY note_id LIMIT 100" },
	[SQL_ADD_SECRET] = { "add_secret",
		"INSERT INTO signing_secret (key_id, secret)"
		" VALUES ($1::text, $2::bytea)" },
	[SQL_TRIM_SESSIONS] = { "trim_sessions",
		"DELETE FROM session"
		" WHERE started_at < clock_timestamp() - interval '30 days'" },
	[SQL_TRIM_INVITES] = { "trim_invites",
		"DELETE FROM invite"
		" WHERE expires_at < clock_timestamp() - interval '30 days'" },
};
/* clang-format on */
