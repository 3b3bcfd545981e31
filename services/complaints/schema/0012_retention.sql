-- Withdrawn and merged cases (sy.v1.AppealState 11, 12) have no closing: retention
-- finds them by their registration, and asks the facts when they ended.
CREATE INDEX appeal_left ON appeal (kind, registered_at)
	WHERE state IN (11, 12) AND erased_at IS NULL;
