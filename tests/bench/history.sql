-- History for B11, straight into the tables, as the service would have written it: rows
-- %(first)s to %(last)s of %(whole)s, the oldest first over three years, so that the heap is
-- in the order of time. Nothing goes through the service (that would be a night); the words of
-- the search index are the service's own: it has read the pool of texts before.
--
-- Open: 60 of 100 of the last ten days, 4 of 1,000 before. Codes are skewed: the n-th of a
-- taxonomy is rarer than the one before.
CREATE OR REPLACE FUNCTION pg_temp.draw(i bigint, salt bigint) RETURNS double precision
LANGUAGE sql IMMUTABLE AS $$
	SELECT (hashint8extended(i, salt) & 2147483647) / 2147483648.0::float8
$$;
CREATE OR REPLACE FUNCTION pg_temp.code(what text, i bigint, salt bigint, n integer)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT what || lpad(floor(n * power(pg_temp.draw(i, salt), 2))::int::text, 2, '0')
$$;

CREATE TEMP TABLE made AS
SELECT i, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' ||
	lpad(to_hex(i %% 4096), 3, '0') || '8' || lpad(to_hex(i), 15, '0'))::uuid AS id, at,
	opened, opened AND pg_temp.draw(i, 2) < 0.4 AS waiting,
	pg_temp.code('kind', i, 3, 4) AS kind, pg_temp.code('channel', i, 4, 8) AS channel,
	pg_temp.code('topic', i, 5, 30) AS topic, pg_temp.code('element', i, 6, 25) AS element,
	pg_temp.code('product', i, 7, 40) AS product,
	pg_temp.code('segment', i, 8, 5) AS segment,
	pg_temp.code('department', i, 9, 30) AS department,
	'b' || lpad(floor(%(branches)s * pg_temp.draw(i, 10))::int::text, 2, '0') || '-' ||
		lpad(floor(%(offices)s * pg_temp.draw(i, 11))::int::text, 3, '0') AS unit,
	'handler' || lpad(floor(2000 * pg_temp.draw(i, 12))::int::text, 4, '0') AS handler,
	CASE WHEN pg_temp.draw(i, 13) < 0.01 THEN 1 + floor(4 * pg_temp.draw(i, 14))::int
		ELSE 0 END::smallint AS escalation,
	pg_temp.draw(i, 15) < 0.03 AS breached, pg_temp.draw(i, 16) < 0.002 AS green,
	(pg_temp.draw(i, 17) * %(pool)s)::int AS text_n,
	floor(3000 * power(pg_temp.draw(i, 18), 2))::int AS surname,
	floor(%(whole)s / 3 * pg_temp.draw(i, 19))::bigint AS customer
FROM (SELECT i, now() - interval '1095 days' * ((%(whole)s - i) / %(whole)s::float8) AS at,
	pg_temp.draw(i, 1) < CASE WHEN i > %(whole)s * (1 - 10 / 1095.0) THEN 0.6
		ELSE 0.004 END AS opened
	FROM generate_series(%(first)s::bigint, %(last)s) i) s;

INSERT INTO complaints.appeal (appeal_id, source, external_id, revision, state, kind, channel,
	topic, element, product, segment, unit, intake_unit, department, registered_at,
	registered_day, first_answer_at, first_response, first_response_due, resolved_at,
	closed_at, subject, handler, escalation, green_channel, breached, next_due)
SELECT id, 'callcentre', 'h-' || i, CASE WHEN waiting THEN 1 WHEN opened THEN 2 ELSE 3 END,
	CASE WHEN waiting THEN 2 WHEN opened THEN 4 ELSE 6 END, kind, channel, topic, element,
	product, segment, unit, unit, department, at, floor(extract(epoch FROM at) / 86400),
	CASE WHEN NOT waiting THEN at + interval '1 day' END,
	CASE WHEN waiting THEN 1 ELSE 2 END, at + interval '48 hours',
	CASE WHEN NOT opened THEN at + interval '2 days' END,
	CASE WHEN NOT opened THEN at + interval '2 days' END,
	decode(lpad(to_hex(customer), 64, '0'), 'hex'), handler, escalation, green, breached,
	CASE WHEN opened THEN at + interval '30 days' * pg_temp.draw(i, 20) END
FROM made ORDER BY i;

INSERT INTO complaints.appeal_fact (appeal_id, n, type, occurred_at, accepted_at, source,
	body_hash, kind, channel, topic, element, product, segment, unit, intake_unit, department)
SELECT id, n, type, at + interval '1 day' * n, at + interval '1 day' * n, 'callcentre',
	decode(md5(i::text || n), 'hex'), CASE n WHEN 0 THEN kind END,
	CASE n WHEN 0 THEN channel END, CASE n WHEN 0 THEN topic END,
	CASE n WHEN 0 THEN element END, CASE n WHEN 0 THEN product END,
	CASE n WHEN 0 THEN segment END, CASE n WHEN 0 THEN unit END,
	CASE n WHEN 0 THEN unit END, CASE n WHEN 0 THEN department END
FROM made CROSS JOIN (VALUES (0, 0), (1, 2), (2, 4)) f (n, type)
WHERE n = 0 OR (n = 1 AND NOT waiting) OR (n = 2 AND NOT opened)
ORDER BY i, n;

INSERT INTO complaints.appeal_text (appeal_id, n, text)
SELECT m.id, 0, p.text FROM made m JOIN public.pool p ON p.n = m.text_n ORDER BY m.i;

INSERT INTO complaints.appeal_person (appeal_id, name, phone, email, address)
SELECT id, 'Customer Surname' || surname, '+7900' || lpad(customer::text, 7, '0'), '', ''
FROM made ORDER BY i;

INSERT INTO complaints.appeal_search (appeal_id, registered_at, words)
SELECT m.id, m.at, p.words || array_to_tsvector(ARRAY['kind=' || kind, 'channel=' || channel,
	'topic=' || topic, 'element=' || element, 'product=' || product,
	'segment=' || segment, 'in=' || unit, 'in=' || split_part(unit, '-', 1), 'in=post',
	'span=' || floor(extract(epoch FROM at) / 86400 / 32), 'department=' || department,
	'handler=' || handler, 'state=' ||
	CASE WHEN waiting THEN 2 WHEN opened THEN 4 ELSE 6 END, 'escalation=' || escalation,
	CASE WHEN breached THEN 'flag=breached' ELSE 'flag=none' END,
	CASE WHEN green THEN 'flag=green' ELSE 'flag=none' END, 'h', m.i::text, 'custom',
	'surname' || surname, '7900' || lpad(customer::text, 7, '0')])
FROM made m JOIN public.pool p ON p.n = m.text_n ORDER BY m.i;

DROP TABLE made;
