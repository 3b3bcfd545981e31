-- What goes out to customers and programs, and what comes in by mail (C3, C16).

-- A message about a case, written in the transaction of the event that it tells of. Its
-- personal data stands here and nowhere else.
CREATE TABLE outgoing (
	appeal_id uuid NOT NULL,
	revision bigint NOT NULL,		-- of the event
	channel text COLLATE "C" NOT NULL,	-- email, webhook/NAME
	event text COLLATE "C" NOT NULL,
	template text COLLATE "C" NOT NULL,
	lang text COLLATE "C" NOT NULL,
	unit text COLLATE "C" NOT NULL,
	occurred_at timestamptz NOT NULL,
	registered_day integer NOT NULL,	-- local to the unit
	due_day integer NOT NULL,		-- of the case's next clock; 0 = none
	created_at timestamptz NOT NULL DEFAULT now(),
	address text NOT NULL,			-- e-mail of the customer
	name text NOT NULL,
	text text NOT NULL,			-- what the fact said: the answer
	state smallint NOT NULL DEFAULT 0,	-- sy.v1.OutgoingState
	attempts integer NOT NULL DEFAULT 0,
	-- Waiting: the next attempt. Sending: when whoever sends has lost it.
	next_at timestamptz NOT NULL DEFAULT now(),
	sent_at timestamptz,
	subject text NOT NULL DEFAULT '',	-- as it was sent
	body text NOT NULL DEFAULT '',
	PRIMARY KEY (appeal_id, revision, channel)
) WITH (fillfactor = 80);
CREATE INDEX outgoing_by_next ON outgoing (next_at) WHERE state < 2;
-- By the number that customers see, the last 15 digits of the id.
CREATE INDEX outgoing_by_number ON outgoing (right(replace(appeal_id::text, '-', ''), 15))
	WHERE channel = 'email';

-- Each try, committed before it is made: one without an end was cut off.
CREATE TABLE outgoing_attempt (
	appeal_id uuid NOT NULL,
	revision bigint NOT NULL,
	channel text COLLATE "C" NOT NULL,
	attempt integer NOT NULL,
	started_at timestamptz NOT NULL DEFAULT now(),
	ended_at timestamptz,
	outcome text COLLATE "C" NOT NULL DEFAULT '',
	status integer NOT NULL DEFAULT 0,	-- of SMTP or HTTP
	PRIMARY KEY (appeal_id, revision, channel, attempt)
);

CREATE TABLE webhook (
	name text COLLATE "C" PRIMARY KEY,
	url text NOT NULL,
	secret text NOT NULL,			-- file in SUYUAN_SECRETS_DIR
	rightful boolean NOT NULL,
	off boolean NOT NULL
);

CREATE TABLE mailbox (
	name text COLLATE "C" PRIMARY KEY,
	url text NOT NULL,
	login text NOT NULL,
	secret text NOT NULL,			-- file in SUYUAN_SECRETS_DIR
	kind text COLLATE "C" NOT NULL,
	channel text COLLATE "C" NOT NULL,
	topic text COLLATE "C" NOT NULL,
	unit text COLLATE "C" NOT NULL,
	department text COLLATE "C" NOT NULL,
	off boolean NOT NULL,
	uidvalidity bigint NOT NULL DEFAULT 0,
	uid bigint NOT NULL DEFAULT 0,		-- all up to this one are done
	leased_until timestamptz NOT NULL DEFAULT '-infinity',
	polled_at timestamptz,
	problem text NOT NULL DEFAULT ''
);

-- Mails that became an appeal or were added to one, written in the transaction of that.
CREATE TABLE mail_taken (
	mailbox text COLLATE "C" NOT NULL,
	uidvalidity bigint NOT NULL,
	uid bigint NOT NULL,
	appeal_id uuid NOT NULL,
	-- What the mail is called by, here or in another generation of the mailbox.
	external_id text COLLATE "C" NOT NULL,
	message_id text NOT NULL,		-- for answers to refer to; '' = it had none
	sender bytea NOT NULL,			-- pseudonym
	taken_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (mailbox, uidvalidity, uid)
);
CREATE INDEX mail_taken_by_external_id ON mail_taken (external_id);
CREATE INDEX mail_taken_by_appeal ON mail_taken (appeal_id);
CREATE INDEX mail_taken_by_sender ON mail_taken (sender, taken_at);

CREATE TABLE mail_aside (
	mailbox text COLLATE "C" NOT NULL,
	uidvalidity bigint NOT NULL,
	uid bigint NOT NULL,
	reason smallint NOT NULL,		-- sy.v1.MailAsideReason
	size_bytes bigint NOT NULL,
	put_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (mailbox, uidvalidity, uid)
);
CREATE INDEX mail_aside_by_time ON mail_aside (put_at DESC);

-- Texts with named fields; a line whose fields are all empty is left out.
CREATE TABLE mail_template (
	code text COLLATE "C" NOT NULL,
	lang text COLLATE "C" NOT NULL,
	subject text NOT NULL,
	body text NOT NULL,
	PRIMARY KEY (code, lang)
);
INSERT INTO mail_template VALUES
('received', 'ru', 'Ваше обращение принято',
'Здравствуйте, {name}!

Мы получили ваше обращение {registered} и зарегистрировали его под номером {number}.
Ответ будет дан не позднее {due}.

Чтобы дополнить обращение, ответьте на это письмо, не меняя его тему.
'),
('received', 'zh', '您的诉求已受理',
'{name}，您好！

我们已于 {registered} 收到您的诉求，受理编号为 {number}。
我们将在 {due} 之前答复。

如需补充，请直接回复本邮件，并保留邮件主题。
'),
('received', 'en', 'We have received your appeal',
'Dear {name},

we received your appeal on {registered}; its number is {number}.
We will answer by {due}.

To add to it, reply to this mail and leave its subject as it is.
'),
('extended', 'ru', 'Срок рассмотрения обращения продлён',
'Здравствуйте, {name}!

Срок рассмотрения обращения {number} продлён до {due}.
Причина: {text}
'),
('extended', 'zh', '诉求办理期限已延长',
'{name}，您好！

诉求 {number} 的办理期限延长至 {due}。
原因：{text}
'),
('extended', 'en', 'Your appeal needs more time',
'Dear {name},

the time for your appeal {number} was extended to {due}.
Reason: {text}
'),
('answered', 'ru', 'Ответ на ваше обращение',
'Здравствуйте, {name}!

Ответ на обращение {number}:

{text}

Если ответ вас не устраивает, ответьте на это письмо, не меняя его тему.
'),
('answered', 'zh', '对您诉求的答复',
'{name}，您好！

关于诉求 {number} 的答复：

{text}

如对答复有异议，请直接回复本邮件，并保留邮件主题。
'),
('answered', 'en', 'The answer to your appeal',
'Dear {name},

our answer to your appeal {number}:

{text}

If it does not settle the matter, reply to this mail and leave its subject as it is.
'),
('measures', 'ru', 'Меры, принятые по вашему обращению',
'Здравствуйте, {name}!

По обращению {number} приняты меры:

{text}
'),
('measures', 'zh', '针对您诉求采取的措施',
'{name}，您好！

针对诉求 {number} 已采取以下措施：

{text}
'),
('measures', 'en', 'What was done about your appeal',
'Dear {name},

about your appeal {number} this was done:

{text}
'),
('closed', 'ru', 'Обращение закрыто',
'Здравствуйте, {name}!

Обращение {number} закрыто.
Оцените, пожалуйста, нашу работу: {link}
'),
('closed', 'zh', '诉求已办结',
'{name}，您好！

诉求 {number} 已办结。
请为我们的服务评分：{link}
'),
('closed', 'en', 'Your appeal is closed',
'Dear {name},

your appeal {number} is closed.
Please rate our work: {link}
');
