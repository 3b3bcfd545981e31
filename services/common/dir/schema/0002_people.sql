-- What the directory says of persons, and the keys that it signs actor tokens
-- with. Principals that were told of before are machines.

ALTER TABLE dir_principal
	ADD COLUMN person boolean NOT NULL DEFAULT false,
	ADD COLUMN display_name text NOT NULL DEFAULT '',
	ADD COLUMN lang text NOT NULL DEFAULT '';

CREATE TABLE dir_signing_key (
	key_id text PRIMARY KEY,
	public_key bytea NOT NULL,
	revoked boolean NOT NULL,
	revision bigint NOT NULL
);
CREATE INDEX dir_signing_key_revision ON dir_signing_key (revision);

-- Beside the function of the version before, which may still be running.
CREATE FUNCTION dir_put_principals(p_names text[], p_roles integer[],
	p_streams text[], p_units text[], p_revoked boolean[],
	p_persons boolean[], p_display_names text[], p_langs text[],
	p_revisions bigint[])
RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
BEGIN
	INSERT INTO dir_principal (name, roles, streams, unit, revoked, person,
		display_name, lang, revision)
	SELECT DISTINCT ON (name) name, roles, streams, unit, revoked, person,
		display_name, lang, revision
	FROM unnest(p_names, p_roles, p_streams, p_units, p_revoked, p_persons,
		p_display_names, p_langs, p_revisions)
		AS n (name, roles, streams, unit, revoked, person,
			display_name, lang, revision)
	ORDER BY name, revision DESC
	ON CONFLICT (name) DO UPDATE SET roles = excluded.roles,
		streams = excluded.streams, unit = excluded.unit,
		revoked = excluded.revoked, person = excluded.person,
		display_name = excluded.display_name, lang = excluded.lang,
		revision = excluded.revision;
END
$$;

CREATE FUNCTION dir_put_signing_keys(p_key_ids text[], p_public_keys bytea[],
	p_revoked boolean[], p_revisions bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO dir_signing_key (key_id, public_key, revoked, revision)
	SELECT DISTINCT ON (key_id) key_id, public_key, revoked, revision
	FROM unnest(p_key_ids, p_public_keys, p_revoked, p_revisions)
		AS n (key_id, public_key, revoked, revision)
	ORDER BY key_id, revision DESC
	ON CONFLICT (key_id) DO UPDATE SET public_key = excluded.public_key,
		revoked = excluded.revoked, revision = excluded.revision;
END
$$;
