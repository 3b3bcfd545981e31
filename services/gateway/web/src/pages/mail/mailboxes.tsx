// Mailboxes that appeals come in by: how each of them does, and the mails that became
// no appeal, with the reason. Those lie on the server still.
import { useState } from "preact/hooks";
import { t, word } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { csv, download } from "../../lib/csv";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { useTerms } from "../../lib/names";
import { usePaged } from "../../lib/pages";
import { setQuery, usePlace } from "../../lib/router";
import { count, type Principal } from "../../lib/types";
import { ListFoot, ListTable } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { PutForm } from "../../parts/put-form";
import { valuesOf, type Field } from "../../parts/values";
import { When } from "../case/facts";
import { SystemTabs } from "./tabs";
import { OnOff } from "./webhooks";

interface Mailbox extends Record<string, unknown> {
	name: string;
	url?: string;
	user?: string;
	kind?: string;
	unit?: string;
	off?: boolean;
	polled_at_us?: string;
	problem?: string;
	taken?: string;
	aside?: string;
}

interface MailAside {
	mailbox?: string;
	uidvalidity?: string;
	uid?: string;
	reason?: string;
	bytes?: string;
	put_at_us?: string;
}

const PAGE = 100;

const fields: readonly Field[] = [
	{ name: "name", type: "line", required: true, label: "outside_name", hint: "field.outside_name.hint" },
	{ name: "url", type: "line", required: true, hint: "field.imap.hint" },
	{ name: "user", type: "line", required: true },
	{ name: "secret", type: "line", required: true, hint: "field.secret.hint" },
	{ name: "kind", type: "code", required: true },
	{ name: "channel", type: "code", required: true },
	{ name: "topic", type: "code", none: "case.not_classified" },
	{ name: "unit", type: "unit", required: true },
	{ name: "department", type: "code", none: "field.none" },
	{ name: "off", type: "check" },
];

function saveCsv(rows: Mailbox[]): void {
	download("mailboxes.csv", csv([
		["name", "url", "kind", "unit", "off", "problem", "polled_at", "taken", "aside"],
		...rows.map((box) => [
			box.name, box.url ?? "", box.kind ?? "", box.unit ?? "", box.off ? 1 : 0, box.problem ?? "", box.polled_at_us ?? "",
			count(box.taken), count(box.aside),
		]),
	]));
}

function Health({ box }: { box: Mailbox }) {
	if (box.off || !box.problem) return <OnOff off={box.off} />;
	return <span class="mark tone-bad"><span aria-hidden="true">▲</span> {t("mail.problem")}: <span lang="en">{box.problem}</span></span>;
}

function Aside({ boxes }: { boxes: readonly Mailbox[] }) {
	const mailbox = usePlace().query["mailbox"] ?? "";
	const page = usePaged<{ mails?: MailAside[] }, MailAside>(
		apiPath("/mailboxes/aside", { mailbox, limit: PAGE }),
		(reply) => {
			const mails = reply.mails ?? [];
			return { rows: mails, next: mails.length < PAGE ? "" : (mails.at(-1)?.put_at_us ?? "") };
		},
		"before_us",
	);
	const rows = page.rows ?? [];
	const saveAside = (): void =>
		download("aside.csv", csv([
			["mailbox", "uidvalidity", "uid", "reason", "bytes", "put_at"],
			...rows.map((m) => [m.mailbox ?? "", m.uidvalidity ?? "", m.uid ?? "", m.reason ?? "", count(m.bytes), m.put_at_us ?? ""]),
		]));
	return (
		<section class="panel" aria-labelledby="aside-title">
			<h2 id="aside-title">{t("mail.aside")}</h2>
			<p class="soft">{t("mail.aside.note")}</p>
			<form class="filters" aria-label={t("filter.title")} onSubmit={(e) => e.preventDefault()}>
				<label>
					<span>{t("mail.mailbox")}</span>
					<select class="control" value={mailbox} onChange={(e) => setQuery({ mailbox: e.currentTarget.value })}>
						<option value="">{t("filter.all")}</option>
						{boxes.map((box) => <option key={box.name} value={box.name}>{box.name}</option>)}
					</select>
				</label>
				<button type="button" class="button" disabled={rows.length === 0} onClick={saveAside}>{t("action.export")}</button>
			</form>
			{page.error && <ProblemBox error={page.error} onRetry={page.reload} />}
			<ListTable
				page={page}
				title={t("mail.aside")}
				columns={[t("audit.at"), t("mail.mailbox"), t("mail.reason"), t("mail.size"), t("mail.uid")]}
				none={t("mail.aside.empty")}
			>
				{rows.map((m) => (
					<tr key={`${m.mailbox}/${m.uidvalidity}/${m.uid}`}>
						<th scope="row"><When at={m.put_at_us} /></th>
						<td data-label={t("mail.mailbox")}>{m.mailbox}</td>
						<td data-label={t("mail.reason")}>{word("aside", m.reason ?? "MAIL_ASIDE_NONE")}</td>
						<td data-label={t("mail.size")}>{format.bytes(count(m.bytes))}</td>
						<td data-label={t("mail.uid")}><code>{m.uid}</code></td>
					</tr>
				))}
			</ListTable>
			<ListFoot page={page} />
		</section>
	);
}

export function MailboxesPage({ who }: { who: Principal }) {
	const { data, error, busy, reload } = useFetched<{ mailboxes?: Mailbox[] }>(apiPath("/mailboxes"));
	const [open, setOpen] = useState<string | undefined>(); // "": a new one
	const kind = useTerms("kind").name;
	const rows = data?.mailboxes ?? [];
	const of = rows.find((row) => row.name === open);
	const may = !who.unit;
	return (
		<Page
			title={t("mail.mailboxes")}
			note={t("mail.mailboxes.note")}
			actions={
				<>
					{may && <button type="button" class="button button-main" onClick={() => setOpen("")}>{t("mail.mailboxes.new")}</button>}
					<button type="button" class="button" onClick={reload}>{t("action.reload")}</button>
					<button type="button" class="button" disabled={rows.length === 0} onClick={() => saveCsv(rows)}>{t("action.export")}</button>
				</>
			}
		>
			<SystemTabs who={who} at="/system/mailboxes" />
			{error && <ProblemBox error={error} onRetry={reload} />}
			{open !== undefined && (
				<PutForm
					key={open}
					id="mailbox-title"
					title={open === "" ? t("mail.mailboxes.new") : open}
					fields={fields}
					values={of ? valuesOf(fields, of) : {}}
					fixed={open === "" ? [] : ["name"]}
					effect={t("mail.mailboxes.effect")}
					button={t("record.save")}
					path="/api/v1/mailboxes"
					message={(body) => ({ mailbox: body })}
					onSaved={() => {
						setOpen(undefined);
						reload();
					}}
					onCancel={() => setOpen(undefined)}
				/>
			)}
			<div class="panel">
				<ListTable
					page={{ rows: data && rows, more: false, busy, error, next: () => undefined }}
					title={t("mail.mailboxes")}
					columns={[
						t("people.name"), t("field.url"), t("mail.becomes"), t("field.state"), t("mail.polled"), t("mail.taken"), t("mail.aside"),
						...(may ? [t("record.change_now")] : []),
					]}
					none={t("mail.mailboxes.empty")}
				>
					{rows.map((box) => (
						<tr key={box.name}>
							<th scope="row">{box.name}</th>
							<td data-label={t("field.url")}><code>{box.url}</code></td>
							<td data-label={t("mail.becomes")}>{kind(box.kind)} · {box.unit}</td>
							<td data-label={t("field.state")}><Health box={box} /></td>
							<td data-label={t("mail.polled")}><When at={box.polled_at_us} /></td>
							<td data-label={t("mail.taken")}>{format.integer(count(box.taken))}</td>
							<td data-label={t("mail.aside")}>{format.integer(count(box.aside))}</td>
							{may && <td data-label={t("record.change_now")}><button type="button" class="button" onClick={() => setOpen(box.name)}>{t("record.change_now")}</button></td>}
						</tr>
					))}
				</ListTable>
			</div>
			<Aside boxes={rows} />
		</Page>
	);
}
