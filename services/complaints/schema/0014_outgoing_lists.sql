-- Messages of all cases by what became of them, the newest first (FindOutgoing). Those
-- that wait are few, and have the index of who sends them.
CREATE INDEX outgoing_sent ON outgoing (created_at) WHERE state = 2;
CREATE INDEX outgoing_failed ON outgoing (created_at) WHERE state = 3;
