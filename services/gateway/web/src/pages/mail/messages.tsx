// Messages of all cases: what waits, what has failed and why, what was sent. One that
// waits or has failed can be tried now.
import { useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { t, word } from "../../i18n/i18n";
import { ApiError, apiPath, send } from "../../lib/api";
import { csv, download } from "../../lib/csv";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { usePaged } from "../../lib/pages";
import { address, setQuery, usePlace } from "../../lib/router";
import type { Principal } from "../../lib/types";
import { shortId, uuid } from "../../lib/uuid";
import { ListFoot, ListTable } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { When } from "../case/facts";
import { attemptText, channelText, OutgoingMark, type Outgoing } from "../case/messages";
import { SystemTabs } from "./tabs";
import type { Webhook } from "./webhooks";

const states = ["OUTGOING_WAITING", "OUTGOING_FAILED", "OUTGOING_SENT"] as const;

const keyOf = (m: Outgoing): string => `${m.appeal_id}.${m.revision}.${m.channel}`;
const lastOf = (m: Outgoing): string => (m.attempts?.[0] ? attemptText(m.attempts[0]) : "");

function saveCsv(rows: Outgoing[]): void {
	download("messages.csv", csv([
		["appeal_id", "revision", "channel", "event", "template", "state", "created_at", "next_at", "sent_at", "attempts", "outcome", "status"],
		...rows.map((m) => [
			m.appeal_id ?? "", m.revision ?? "", m.channel ?? "", m.event ?? "", m.template ?? "", m.state ?? "OUTGOING_WAITING",
			m.created_at_us ?? "", m.next_at_us ?? "", m.sent_at_us ?? "", m.attempts?.[0]?.attempt ?? 0, m.attempts?.[0]?.outcome ?? "",
			m.attempts?.[0]?.status ?? 0,
		]),
	]));
}

export function MessagesPage({ who }: { who: Principal }) {
	const { query } = usePlace();
	const state = states.find((name) => name === query["state"]) ?? "OUTGOING_WAITING";
	const channel = query["channel"] ?? "";
	const [error, setError] = useState<ApiError | undefined>();
	const [trying, setTrying] = useState("");
	const [tried, setTried] = useState<ReadonlySet<string>>(new Set());
	const webhooks = useFetched<{ webhooks?: Webhook[] }>(apiPath("/webhooks")).data?.webhooks ?? [];
	const channels = ["email", ...webhooks.map((w) => `webhook/${w.name}`)];
	const page = usePaged<{ messages?: Outgoing[]; next_cursor?: string }, Outgoing>(
		apiPath("/outgoing", { state, channel, limit: 100 }),
		(reply) => ({ rows: reply.messages ?? [], next: reply.next_cursor ?? "" }),
	);
	const rows = page.rows ?? [];

	const retry = async (m: Outgoing): Promise<void> => {
		setTrying(keyOf(m));
		setError(undefined);
		try {
			await send("POST", `/api/v1/appeals/${encodeURIComponent(m.appeal_id ?? "")}/outgoing/retry`, { revision: m.revision, channel: m.channel }, uuid());
			announce(t("mail.tried"));
			setTried((before) => new Set([...before, keyOf(m)]));
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
		setTrying("");
	};
	return (
		<Page
			title={t("mail.messages")}
			note={t("mail.messages.note")}
			actions={
				<>
					<button type="button" class="button" onClick={() => { setTried(new Set()); page.reload(); }}>{t("action.reload")}</button>
					<button type="button" class="button" disabled={rows.length === 0} onClick={() => saveCsv(rows)}>{t("action.export")}</button>
				</>
			}
		>
			<SystemTabs who={who} at="/system/messages" />
			<form class="filters" aria-label={t("filter.title")} onSubmit={(e) => e.preventDefault()}>
				<label>
					<span>{t("field.state")}</span>
					<select class="control" value={state} onChange={(e) => setQuery({ state: e.currentTarget.value })}>
						{states.map((name) => <option key={name} value={name}>{word("outgoing", name)}</option>)}
					</select>
				</label>
				<label>
					<span>{t("mail.by")}</span>
					<select class="control" value={channel} onChange={(e) => setQuery({ channel: e.currentTarget.value })}>
						<option value="">{t("filter.all")}</option>
						{channels.map((name) => <option key={name} value={name}>{channelText(name)}</option>)}
						{channel !== "" && !channels.includes(channel) && <option value={channel}>{channelText(channel)}</option>}
					</select>
				</label>
			</form>
			{page.error && <ProblemBox error={page.error} onRetry={page.reload} />}
			{error && <ProblemBox error={error} />}
			<div class="panel">
				<ListTable
					page={page}
					title={t("mail.messages")}
					columns={[
						t("field.case"), t("mail.tells"), t("mail.by"), t("field.template"), t("field.state"), t("mail.made"),
						t("mail.last"), ...(state === "OUTGOING_SENT" ? [t("mail.sent_at")] : [t("mail.next"), t("mail.retry")]),
					]}
					none={t(`mail.none.${state}`)}
				>
					{rows.map((m) => (
						<tr key={keyOf(m)}>
							<th scope="row"><a href={address(`/appeals/${m.appeal_id}`)}><code>{shortId(m.appeal_id ?? "")}</code></a></th>
							<td data-label={t("mail.tells")}>{word("fact", m.event ?? "")}</td>
							<td data-label={t("mail.by")}>{channelText(m.channel)}</td>
							<td data-label={t("field.template")}><a class="quiet" href={address(`/answers/templates/${encodeURIComponent(m.template ?? "")}`)}><code>{m.template}</code></a></td>
							<td data-label={t("field.state")}><OutgoingMark state={m.state} /></td>
							<td data-label={t("mail.made")}><When at={m.created_at_us} /></td>
							<td data-label={t("mail.last")}>
								{lastOf(m) || "–"} {(m.attempts?.[0]?.attempt ?? 0) > 1 && <span class="soft">{t("mail.attempt", { n: format.integer(m.attempts![0]!.attempt!) })}</span>}
							</td>
							{state === "OUTGOING_SENT" ? (
								<td data-label={t("mail.sent_at")}><When at={m.sent_at_us} /></td>
							) : (
								<>
									<td data-label={t("mail.next")}>{m.state === "OUTGOING_FAILED" ? t("mail.never") : <When at={m.next_at_us} />}</td>
									<td data-label={t("mail.retry")}>
										{tried.has(keyOf(m))
											? <span class="mark tone-good"><span aria-hidden="true">✓</span> {t("mail.tried")}</span>
											: m.state !== "OUTGOING_SENDING" && (
												<button type="button" class="button" disabled={trying === keyOf(m)} onClick={() => void retry(m)}>{t("mail.retry")}</button>
											)}
									</td>
								</>
							)}
						</tr>
					))}
				</ListTable>
			</div>
			<ListFoot page={page} />
		</Page>
	);
}
