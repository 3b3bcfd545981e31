/* models_store.c -- every SQL statement about models and what people said. */
#include "models.h"

#define AT(id) [(id)-MODELS_SQL_FIRST]

/* SQL is laid out by hand. clang-format breaks its lines anywhere. */
/* clang-format off */
const struct db_statement models_sql[MODELS_SQL_END - MODELS_SQL_FIRST] = {
	AT(MODELS_SQL_IN_USE) = { "models_in_use",
		"SELECT version, revision FROM model_in_use" },
	AT(MODELS_SQL_KNOWN) = { "models_known",
		"SELECT version, made_by, upload FROM model" },
	AT(MODELS_SQL_LABELS) = { "models_labels",
		"SELECT mention_id, told FROM label"
		" WHERE mention_id = ANY ($1::uuid[])" },
	AT(MODELS_SQL_PARTS) = { "models_parts",
		"SELECT part, data FROM model_part WHERE made_by = $1::text"
		" COLLATE \"C\" AND upload = $2::uuid AND part < $3::integer"
		" ORDER BY part" },
	AT(MODELS_SQL_PART_PUT) = { "models_part_put",
		"SELECT model_part_put($1::text, $2::uuid, $3::integer,"
		" $4::bytea)" },
	AT(MODELS_SQL_ADD) = { "models_add",
		"SELECT model_add($1::integer, $2::text, $3::uuid, $4::text,"
		" $5::bigint, $6::bigint, $7::bytea, $8::bytea, $9::bytea[])" },
	AT(MODELS_SQL_USE) = { "models_use",
		"SELECT model_use($1::integer, $2::bigint, $3::text)" },
	AT(MODELS_SQL_LABEL_PUT) = { "models_label_put",
		"INSERT INTO label (mention_id, lang, said, mention_class,"
		" sentiment, topic, unit, by, told, at) SELECT w.*, now() FROM unnest($1::uuid[],"
		" $2::text[], $3::smallint[], $4::smallint[], $5::smallint[],"
		" $6::text[], $7::text[], $8::text[], $9::bigint[])"
		" AS w (mention_id, lang, said, mention_class, sentiment,"
		" topic, unit, by, told)"
		" ON CONFLICT (mention_id) DO UPDATE SET said = excluded.said,"
		" mention_class = excluded.mention_class,"
		" sentiment = excluded.sentiment, topic = excluded.topic,"
		" unit = excluded.unit, by = excluded.by, at = excluded.at,"
		" told = excluded.told" },
	AT(MODELS_SQL_LIST) = { "models_list",
		"SELECT m.version, CASE WHEN m.version = u.version THEN 2"
		" WHEN m.in_use_since IS NULL THEN 1 ELSE 3 END, m.made_by,"
		" m.made_at, m.note, m.bytes, m.examples, m.scores,"
		" m.in_use_since, m.used_by FROM model m, model_in_use u"
		" ORDER BY m.version DESC LIMIT $1::integer" },
	/* all, and those that the model in use cannot know of */
	AT(MODELS_SQL_COUNT_LABELS) = { "models_count_labels",
		"SELECT count(*), count(*) FILTER (WHERE u.version = 0"
		" OR l.at > m.made_at) FROM model_in_use u"
		" JOIN model m USING (version) CROSS JOIN label l" },
	AT(MODELS_SQL_GET) = { "models_get",
		"SELECT f.data, m.sha256, (SELECT count(*) FROM model_file a"
		" WHERE a.version = m.version) FROM model m"
		" JOIN model_file f USING (version)"
		" WHERE m.version = $1::integer AND f.part = $2::integer" },
};

const char model_in_use_sql[] =
	"SELECT u.version, f.data FROM model_in_use u"
	" LEFT JOIN model_file f USING (version) ORDER BY f.part";
/* clang-format on */

void labels_put_list(struct db_pipe *pipe, const struct labels_ask *ask)
{
	char after[UUID_TEXT_MAX];

	db_exec_composed(pipe);
	db_sql(pipe, "SELECT l.mention_id::text, l.lang, t.title, t.text,"
		     " l.said, l.mention_class, l.sentiment, l.topic"
		     " FROM label l JOIN mention_key k USING (mention_id)"
		     " JOIN mention m ON m.day = k.day AND m.n = k.n"
		     " JOIN mention_text t ON t.day = k.day AND t.n = k.n"
		     " WHERE ");
	db_sql_text(pipe, "l.mention_id > (", uuid_format(ask->after, after));
	db_sql_i64(pipe, ")::uuid AND l.said & ", ask->said);
	db_sql(pipe, " <> 0");
	if (ask->lang[0] != '\0')
		db_sql_text(pipe, " AND l.lang = ", ask->lang);
	social_put_scope(pipe, "m.unit", ask->root);
	db_sql_i64(pipe, " ORDER BY l.mention_id LIMIT ",
		   (int64_t)ask->limit + 1);
}
