-- From when on an author's mentions are spam is a policy of the directory now. The view
-- is for replicas of the version before, which ask for it while an upgrade goes on.
DROP TABLE spam_policy;
CREATE VIEW spam_policy AS SELECT 100 AS burst, 10 AS copies_least, 80 AS copies_percent,
	20 AS links_least, 95 AS links_percent;
