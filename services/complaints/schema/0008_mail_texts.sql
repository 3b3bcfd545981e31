-- The texts of mails become templates of the desk, where administrators revise them: approved
-- ones, by "system". What a version holds is its sy.v1.PutTemplateRequest.

CREATE FUNCTION pb_bytes(p_field integer, p_value bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	made bytea := set_byte('\x00', 0, p_field * 8 + 2);
	len integer := length(p_value);
BEGIN
	WHILE len > 127 LOOP
		made := made || set_byte('\x00', 0, len % 128 + 128);
		len := len / 128;
	END LOOP;
	RETURN made || set_byte('\x00', 0, len) || p_value;
END
$$;
CREATE FUNCTION pb_label(p_field integer, p_lang text, p_text text) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
	SELECT pb_bytes(p_field, pb_bytes(1, convert_to(p_lang, 'UTF8'))
		|| pb_bytes(2, convert_to(p_text, 'UTF8')))
$$;

-- Its name is the subject; the number is added to it when a mail is sent.
WITH translated AS (
	SELECT code, lang, subject, replace(replace(replace(replace(replace(replace(body,
		'{number}', '{{appeal.number}}'), '{name}', '{{person.name}}'),
		'{text}', '{{notice.text}}'), '{registered}', '{{appeal.registered}}'),
		'{due}', '{{due.answer}}'), '{link}', '{{rating.link}}') AS body
	FROM mail_template),
-- What the desk has under such a code is of a person, and stays.
made AS (
	INSERT INTO desk_record (kind, code, revision, owner, unit, version)
	SELECT DISTINCT 1, code, 0, 'system', '', 1 FROM translated
	ON CONFLICT DO NOTHING RETURNING code)
INSERT INTO desk_version (kind, code, version, state, author, decided_by, decided_at, body)
SELECT 1, t.code, 1, 2, 'system', 'system', now(),
	pb_bytes(1, convert_to(t.code, 'UTF8'))
	|| string_agg(pb_label(3, t.lang, t.subject), ''::bytea ORDER BY t.lang)
	|| string_agg(pb_label(4, t.lang, t.body), ''::bytea ORDER BY t.lang)
FROM translated t JOIN made USING (code)
GROUP BY t.code;

DROP FUNCTION pb_label(integer, text, text), pb_bytes(integer, bytea);
DROP TABLE mail_template;
