// Who changed what, and who read whose personal data.
import { useEffect, useState } from "preact/hooks";
import { t, word } from "../i18n/i18n";
import { apiPath } from "../lib/api";
import { csv, download } from "../lib/csv";
import * as format from "../lib/format";
import { usePaged } from "../lib/pages";
import { timesOf } from "../lib/period";
import { address, setQuery, usePlace } from "../lib/router";
import type { AuditEntry, ListAuditReply } from "../lib/types";
import { shortId } from "../lib/uuid";
import { ListFoot, ListTable } from "../parts/list";
import { Page } from "../parts/page";
import { ProblemBox } from "../parts/problem";
import { PrivacyTabs } from "./privacy/tabs";
import type { View } from "./view";

const isId = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

// Told to the address when the typing rests.
function TextFilter({ name, label, value, options }: { name: string; label: string; value: string; options?: readonly string[] }) {
	const [text, setText] = useState(value);
	useEffect(() => setText(value), [value]);
	useEffect(() => {
		if (text.trim() === value) return;
		const timer = setTimeout(() => setQuery({ [name]: text.trim() }, "replace"), 400);
		return () => clearTimeout(timer);
	}, [text]);
	return (
		<label>
			<span>{label}</span>
			<input
				class="control"
				name={name}
				list={options && `${name}-options`}
				maxLength={64}
				spellcheck={false}
				autocapitalize="none"
				value={text}
				onInput={(e) => setText(e.currentTarget.value)}
			/>
			{options && <datalist id={`${name}-options`}>{options.map((o) => <option key={o} value={o}>{word("audit.action", o)}</option>)}</datalist>}
		</label>
	);
}

const actions = [
	"GetAppeal", "RegisterAppeal", "ClassifyAppeal", "AnswerAppeal", "ResolveAppeal", "CloseAppeal",
	"SignIn", "SignOut", "ChangePassword", "AcceptInvite", "MakeInvite", "MakeApiToken",
	"RevokeApiToken", "PutRecord", "PublishEvents",
] as const;

function save(rows: AuditEntry[]): void {
	const head = ["audit_id", "at", "principal", "action", "object", "outcome", "address", "trace_id"];
	const body = rows.map((r) => [
		r.audit_id, r.at_us ?? "", r.principal ?? "", r.action ?? "", r.object ?? "",
		r.outcome ?? "", r.address ?? "", r.trace_id ?? "",
	]);
	download("audit.csv", csv([head, ...body]));
}

export function AuditPage({ view }: { view: View }) {
	const { principal = "", action = "" } = usePlace().query;
	const page = usePaged<ListAuditReply, AuditEntry>(
		apiPath("/audit", { ...timesOf(view.period), principal, action, limit: 100 }),
		(reply) => ({ rows: reply.entries ?? [], next: reply.next_cursor ?? "" }),
	);
	const rows = page.rows ?? [];
	return (
		<Page
			title={t("nav.audit")}
			note={t("audit.note")}
			actions={
				<>
					<button type="button" class="button" onClick={page.reload}>{t("action.reload")}</button>
					<button type="button" class="button" disabled={rows.length === 0} onClick={() => save(rows)}>{t("action.export")}</button>
				</>
			}
		>
			<PrivacyTabs who={view.who} at="/audit" />
			<form class="filters" aria-label={t("filter.title")} onSubmit={(e) => e.preventDefault()}>
				<TextFilter name="principal" label={t("audit.principal")} value={principal} />
				<TextFilter name="action" label={t("audit.action")} value={action} options={actions} />
			</form>
			{page.error && <ProblemBox error={page.error} onRetry={page.reload} />}
			<div class="panel">
				<ListTable
					page={page}
					title={t("nav.audit")}
					columns={[
						t("audit.at"), t("audit.principal"), t("audit.action"), t("audit.object"), t("audit.outcome"), t("audit.address"),
					]}
					none={t("audit.empty")}
				>
					{rows.map((row) => (
						<tr key={row.audit_id}>
							<th scope="row">{row.at_us && <time dateTime={row.at_us} title={format.timeExact(row.at_us)}>{format.time(row.at_us)}</time>}</th>
							<td data-label={t("audit.principal")}>{row.principal || t("audit.nobody")}</td>
							<td data-label={t("audit.action")} title={row.action}>{word("audit.action", row.action ?? "")}</td>
							<td data-label={t("audit.object")}>
								{isId.test(row.object ?? "")
									? <a href={address(`/appeals/${row.object}`)}><code>{shortId(row.object ?? "")}</code></a>
									: <code>{row.object || "–"}</code>}
							</td>
							<td data-label={t("audit.outcome")}>
								{(row.outcome ?? "OK") === "OK"
									? <span class="mark tone-good"><span aria-hidden="true">✓</span> {t("audit.done")}</span>
									: <span class="mark tone-bad"><span aria-hidden="true">▲</span> {row.outcome}</span>}
							</td>
							<td data-label={t("audit.address")}><code>{row.address || "–"}</code></td>
						</tr>
					))}
				</ListTable>
			</div>
			<ListFoot page={page} />
		</Page>
	);
}
