-- What is said in networks, and how it was reacted to: from the log of social.

INSERT INTO indicator (id, code, owner, numerator, denominator, form, cells,
	kind_class, measure, per, direction) VALUES
(20, 'mentions', '', 'mentions, spam left out', '',
	1, 4, '', '', 1, 0),
(21, 'negative_mentions_share', '', 'negative mentions',
	'mentions whose sentiment is known', 2, 5, '', '', 1, -1),
(22, 'mentions_per_10k_customers', '', 'mentions, spam left out', 'customers',
	3, 4, '', 'customers', 10000, 0),
(23, 'social_reaction_timely', '', 'answered or forwarded within the clock',
	'points of reaction whose clock was met or breached',
	2, 6, '', '', 1, 1),
(24, 'social_inquiry_timely', '', 'inquiries with a result within the clock',
	'inquiries whose clock was met or breached', 2, 7, '', '', 1, 1),
(25, 'social_report_timely', '', 'customers told within the clock',
	'results whose clock was met or breached', 2, 8, '', '', 1, 1);
