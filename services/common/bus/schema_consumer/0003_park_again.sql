-- Events in quarantine whose key was not written down as parked, so that nobody
-- was shown them: parked now, to be tried again or dropped by a person.
INSERT INTO parked_key (consumer, stream, shard, key, reason)
SELECT DISTINCT q.consumer, q.stream, q.shard, q.key, 'was not parked'
FROM quarantine q
ON CONFLICT (consumer, stream, shard, key) DO NOTHING;
