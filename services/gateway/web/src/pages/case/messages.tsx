// What went out to the customer and to programs about a case, as it was sent, with each
// attempt; asked for when it is opened.
import { useState } from "preact/hooks";
import { t, word } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { useFetched } from "../../lib/fetched";
import { ProblemBox } from "../../parts/problem";
import { When } from "./facts";

interface Attempt {
	attempt?: number;
	started_at_us?: string;
	ended_at_us?: string;
	outcome?: string; // none: it goes on
	status?: number;
}

export interface Outgoing {
	appeal_id?: string; // of all cases
	revision?: string;
	channel?: string;
	event?: string;
	template?: string;
	state?: string; // none: it waits
	created_at_us?: string;
	next_at_us?: string;
	sent_at_us?: string;
	subject?: string;
	body?: string;
	attempts?: Attempt[];
}

const marks: Record<string, [string, string]> = {
	OUTGOING_WAITING: ["idle", "◷"],
	OUTGOING_SENDING: ["warn", "◑"],
	OUTGOING_SENT: ["good", "✓"],
	OUTGOING_FAILED: ["bad", "▲"],
};

export function OutgoingMark({ state = "OUTGOING_WAITING" }: { state: string | undefined }) {
	const [tone, shape] = marks[state] ?? ["idle", "?"];
	return <span class={`mark tone-${tone}`}><span aria-hidden="true">{shape}</span> {word("outgoing", state)}</span>;
}

export function channelText(channel: string | undefined): string {
	const name = /^webhook\/(.*)$/.exec(channel ?? "")?.[1];
	return name === undefined ? word("channel", channel ?? "") : t("mail.webhook", { name });
}

export function attemptText({ outcome, status }: Attempt): string {
	return word("outcome", outcome || "going_on") + (status ? ` (${status})` : "");
}

function Messages({ id }: { id: string }) {
	const { data, error, reload } = useFetched<{ messages?: Outgoing[] }>(apiPath(`/appeals/${encodeURIComponent(id)}/outgoing`));
	const messages = data?.messages ?? [];
	if (!data) return error ? <ProblemBox error={error} onRetry={reload} /> : <p class="empty" aria-busy="true">{t("state.loading")}</p>;
	if (messages.length === 0) return <p class="soft">{t("mail.case_none")}</p>;
	return (
		<ul class="items">
			{messages.map((m) => (
				<li key={`${m.revision}/${m.channel}`}>
					<p><strong>{word("fact", m.event ?? "")}</strong> · {channelText(m.channel)} <OutgoingMark state={m.state} /> <span class="soft"><When at={m.sent_at_us ?? m.created_at_us} /></span></p>
					{m.subject && <p><bdi>{m.subject}</bdi></p>}
					{m.body && <blockquote class="words" dir="auto">{m.body}</blockquote>}
					{(m.attempts ?? []).map((a) => (
						<p key={a.attempt} class="soft">{t("mail.attempt", { n: a.attempt ?? 0 })} <When at={a.started_at_us} />: {attemptText(a)}</p>
					))}
				</li>
			))}
		</ul>
	);
}

export function MessagesPanel({ id }: { id: string }) {
	const [open, setOpen] = useState(false);
	return (
		<details class="panel" onToggle={(e) => setOpen(e.currentTarget.open)}>
			<summary>{t("mail.case")}</summary>
			{open && <Messages id={id} />}
		</details>
	);
}
