/* store.c -- every SQL statement of the directory. Their parameters and rows:
 * rows.c. */
#include "store.h"

/* clang-format off */

const struct db_statement directory_statements[SQL_NR] = {
	[SQL_READ_REVISION] = { "read_revision",
		"SELECT coalesce(max(revision), 0) FROM change" },

	/* The named codes, the children of those that get an end ($2), and all
	 * ancestors of both, with all of their versions. */
	[SQL_READ_UNITS] = { "read_units",
		"WITH RECURSIVE up (code) AS ("
		" SELECT unnest($1::text[])"
		" UNION SELECT code FROM unit WHERE parent = ANY ($2::text[])"
		" UNION SELECT u.parent FROM up JOIN unit u USING (code)"
		"  WHERE u.parent <> '') "
		"SELECT code, valid_from_day, valid_to_day, parent, level,"
		" zone, name_ru, name_zh, name_en, revision"
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
		"SELECT name, array_to_string(roles, ','),"
		" array_to_string(streams, ','), unit, revoked, revision"
		" FROM principal WHERE name = ANY ($1::text[])" },

	[SQL_ADVANCE] = { "advance",
		"SELECT directory_advance($1::bigint, $2::integer)" },
	[SQL_WRITE_UNITS] = { "write_units",
		"INSERT INTO unit (code, valid_from_day, valid_to_day, parent,"
		" level, zone, name_ru, name_zh, name_en, revision) "
		"SELECT * FROM unnest($1::text[], $2::int[], $3::int[],"
		" $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],"
		" $9::text[], $10::bigint[]) ORDER BY 1, 2 "
		"ON CONFLICT (code, valid_from_day) DO UPDATE SET"
		" valid_to_day = excluded.valid_to_day,"
		" parent = excluded.parent, level = excluded.level,"
		" zone = excluded.zone, name_ru = excluded.name_ru,"
		" name_zh = excluded.name_zh, name_en = excluded.name_en,"
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
		" revision) "
		"SELECT name, string_to_array(roles, ','),"
		" string_to_array(streams, ','), unit, revoked, revision"
		" FROM unnest($1::text[], $2::text[], $3::text[], $4::text[],"
		" $5::boolean[], $6::bigint[])"
		" AS p (name, roles, streams, unit, revoked, revision)"
		" ORDER BY name "
		"ON CONFLICT (name) DO UPDATE SET roles = excluded.roles,"
		" streams = excluded.streams, unit = excluded.unit,"
		" revoked = excluded.revoked, revision = excluded.revision" },

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
		"SELECT code, valid_from_day, valid_to_day, parent, level,"
		" zone, name_ru, name_zh, name_en FROM valid"
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
		"SELECT name, array_to_string(roles, ','),"
		" array_to_string(streams, ','), unit, revoked"
		" FROM principal WHERE $1::bigint <"
		" (SELECT coalesce(max(revision), 0) FROM change)" },
};
/* clang-format on */
