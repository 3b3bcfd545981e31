// One customer: which cases there are, everything that is kept of them as a file, and
// the erasure of it. What is asked by is personal: it goes in a body, stands in no
// address and is forgotten with the page; only the number of a case may come by link.
import { useEffect, useRef, useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { may } from "../../frame/sections";
import { t, word } from "../../i18n/i18n";
import { ApiError, search, send } from "../../lib/api";
import { attachmentContent } from "../../lib/attachments";
import { save } from "../../lib/csv";
import * as format from "../../lib/format";
import { useTerms } from "../../lib/names";
import { today } from "../../lib/period";
import { address, usePlace } from "../../lib/router";
import type { Appeal } from "../../lib/types";
import { shortId, uuid } from "../../lib/uuid";
import { FieldInput } from "../../parts/fields";
import { ListTable } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { StateMark } from "../../parts/state";
import type { Field } from "../../parts/values";
import type { SubjectLink } from "../case/subject";
import type { View } from "../view";
import { attached, customerFile } from "./customer-file";
import { PrivacyTabs } from "./tabs";

const ways = ["appeal_id", "phone", "email", "handle"] as const;
type Way = (typeof ways)[number];
const way: Field = { name: "way", type: "choice", required: true, options: ways, words: "way" };

// Messages and drafts are for the file alone: as they come, so they go.
interface ExportSubjectReply {
	appeals?: Appeal[];
	links?: SubjectLink[];
	messages?: object[];
	drafts?: object[];
	next_cursor?: string;
}

interface Found {
	asked: Record<string, string>;
	appeals: Appeal[];
	links: SubjectLink[];
	messages: object[];
	drafts: object[];
}

async function find(asked: Record<string, string>, abort: AbortSignal): Promise<Found> {
	const found: Found = { asked, appeals: [], links: [], messages: [], drafts: [] };
	for (let cursor = ""; ; ) {
		const page = await search<ExportSubjectReply>("/api/v1/customers/export", cursor === "" ? asked : { ...asked, cursor }, abort);
		found.appeals.push(...(page.appeals ?? []));
		found.links.push(...(page.links ?? []));
		found.messages.push(...(page.messages ?? []));
		found.drafts.push(...(page.drafts ?? []));
		cursor = page.next_cursor ?? "";
		if (cursor === "") return found;
	}
}

// The contents come one after the other, each a reading of its own in the audit.
async function saveAll(found: Found, onFile: (n: number) => void): Promise<void> {
	const { asked: _, ...kept } = found;
	const contents: Uint8Array[] = [];
	for (const { appeal, attachment } of attached(kept.appeals)) {
		onFile(contents.length + 1);
		contents.push(await attachmentContent(appeal.appeal_id, attachment.attachment));
	}
	save(`customer-${today()}.zip`, new Blob([customerFile(kept, contents, new Date())], { type: "application/zip" }));
}

function SaveAll({ found }: { found: Found }) {
	const [at, setAt] = useState<number | undefined>();
	const [error, setError] = useState<ApiError | undefined>();
	const of = attached(found.appeals).length;
	const go = async (): Promise<void> => {
		if (at !== undefined) return;
		setAt(0);
		setError(undefined);
		try {
			await saveAll(found, setAt);
			announce(t("record.saved"));
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
		setAt(undefined);
	};
	return (
		<>
			<p class="choices">
				<button type="button" class="button" disabled={found.appeals.length === 0 || at !== undefined} onClick={() => void go()}>
					<span aria-hidden="true">↓</span> {t("privacy.save")}
				</button>
				{at !== undefined && of > 0 && <span class="soft">{t("privacy.saving", { n: at, of })}</span>}
			</p>
			{error && <ProblemBox error={error} />}
			<p class="soft">{t("privacy.save.note")}</p>
		</>
	);
}

function Cases({ found, view }: { found: Found; view: View }) {
	const kind = useTerms("kind").name;
	const topic = useTerms("topic").name;
	const opens = may(view.who, ["reader", "handler"]);
	return (
		<section class="panel" aria-labelledby="found-title">
			<h2 id="found-title">{t("privacy.found", { n: found.appeals.length })}</h2>
			<ListTable
				page={{ rows: found.appeals, more: false, busy: false, error: undefined, next: () => undefined }}
				title={t("privacy.customer")}
				columns={[t("field.case"), t("customer.name"), t("field.registered"), t("field.kind"), t("field.topic"), t("field.state"), t("field.unit")]}
				none={t("privacy.none")}
			>
				{found.appeals.map((appeal) => {
					const f = appeal.facts ?? {};
					const name = appeal.external_id || shortId(appeal.appeal_id);
					return (
						<tr key={appeal.appeal_id}>
							<th scope="row">{opens ? <a href={address(`/appeals/${appeal.appeal_id}`)}>{name}</a> : name}</th>
							<td data-label={t("customer.name")}><bdi>{appeal.person?.name || "–"}</bdi></td>
							<td data-label={t("field.registered")}>{f.registered_at_us ? <time dateTime={f.registered_at_us}>{format.time(f.registered_at_us)}</time> : "–"}</td>
							<td data-label={t("field.kind")}>{kind(f.kind) || "–"}</td>
							<td data-label={t("field.topic")}>{topic(f.topic) || "–"}</td>
							<td data-label={t("field.state")}><StateMark state={f.state} /></td>
							<td data-label={t("field.unit")}>{f.unit}</td>
						</tr>
					);
				})}
			</ListTable>
			{found.links.length > 0 && <p class="soft">{t("privacy.links", { n: found.links.length })}</p>}
			<SaveAll found={found} />
		</section>
	);
}

interface EraseSubjectReply {
	erasure_id?: string;
	appeals?: number;
	more?: boolean;
}

// It cannot be undone, so all that it does is said before.
function Erase({ found, onErased }: { found: Found; onErased: (n: number) => void }) {
	const [sure, setSure] = useState(false);
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();
	const key = useRef(uuid());
	const n = found.appeals.length;
	const erase = async (event: Event): Promise<void> => {
		event.preventDefault();
		if (busy || !sure) return;
		setBusy(true);
		setError(undefined);
		try {
			let erased = 0;
			for (let more = true; more; ) {
				const reply = await send<EraseSubjectReply>("POST", "/api/v1/customers/erasure", found.asked, key.current);
				key.current = uuid();
				erased += reply.appeals ?? 0;
				more = reply.more === true;
			}
			announce(t("privacy.erased", { n: erased }));
			onErased(erased);
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
			setBusy(false);
		}
	};
	return (
		<section class="panel" aria-labelledby="erase-title">
			<h2 id="erase-title">{t("privacy.erase")}</h2>
			<form class="form" onSubmit={(e) => void erase(e)}>
				<div class="box box-warn">
					<p><strong><span aria-hidden="true">▲</span> {t("privacy.erase.what", { n })}</strong></p>
					<ul class="bullets">
						<li>{t("privacy.erase.gone")}</li>
						<li>{t("privacy.erase.stays")}</li>
						<li>{t("privacy.erase.late")}</li>
						<li>{t("privacy.erase.copies")}</li>
						<li>{t("privacy.erase.record")}</li>
					</ul>
				</div>
				<label class="check">
					<input type="checkbox" checked={sure} onChange={(e) => setSure(e.currentTarget.checked)} /> <span>{t("merge.sure")}</span>
				</label>
				{error && <ProblemBox error={error} />}
				<div><button class="button button-bad" disabled={busy || !sure}>{busy ? t("state.waiting") : t("privacy.erase.do", { n })}</button></div>
			</form>
		</section>
	);
}

export function CustomerPage({ view }: { view: View }) {
	const linked = usePlace().query["appeal"] ?? "";
	const [by, setBy] = useState<Way>("appeal_id");
	const [value, setValue] = useState(linked);
	const [found, setFound] = useState<Found | undefined>();
	const [erased, setErased] = useState<number | undefined>();
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();
	const running = useRef<AbortController | null>(null);
	useEffect(() => () => running.current?.abort(), []);

	const drop = (): void => {
		running.current?.abort();
		setFound(undefined);
		setErased(undefined);
		setError(undefined);
		setBusy(false);
	};
	const look = async (event: Event): Promise<void> => {
		event.preventDefault();
		const asked = value.trim();
		if (asked === "" || busy) return;
		drop();
		const abort = new AbortController();
		running.current = abort;
		setBusy(true);
		try {
			const all = await find({ [by]: asked }, abort.signal);
			if (abort.signal.aborted) return;
			setFound(all);
			announce(t("privacy.found", { n: all.appeals.length }));
		} catch (cause) {
			if (abort.signal.aborted) return;
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
		setBusy(false);
	};
	return (
		<Page title={t("privacy.customer")} note={t("privacy.customer.note")}>
			<PrivacyTabs who={view.who} at="/privacy" />
			<section class="panel" aria-labelledby="ask-title">
				<h2 id="ask-title">{t("privacy.ask")}</h2>
				<form class="form form-wide" autocomplete="off" onSubmit={(e) => void look(e)}>
					<FieldInput
						field={way}
						value={by}
						options={ways}
						onChange={(next) => {
							setBy(ways.find((name) => name === next) ?? "appeal_id");
							setValue("");
							drop();
						}}
					/>
					<div class="field">
						<label>
							<span>{word("way", by)}</span>
							<input
								class="control"
								required
								maxLength={200}
								spellcheck={false}
								autocapitalize="none"
								aria-describedby={by === "appeal_id" ? "hint-number" : undefined}
								value={value}
								onInput={(e) => {
									setValue(e.currentTarget.value);
									drop();
								}}
							/>
						</label>
						{by === "appeal_id" && <p id="hint-number" class="soft">{t("field.other_appeal_id.hint")}</p>}
					</div>
					<p class="soft form-all">{t("customer.audited")}</p>
					<div class="form-all"><button class="button button-main" disabled={busy || value.trim() === ""}>{busy ? t("state.searching") : t("privacy.look")}</button></div>
				</form>
			</section>
			{error && <ProblemBox error={error} />}
			{erased !== undefined && (
				<div class="box box-good" role="status">
					<p><strong><span aria-hidden="true">✓</span> {t("privacy.erased", { n: erased })}</strong></p>
					<p><a href={address("/privacy/erasures")}>{t("privacy.erasures")}</a></p>
				</div>
			)}
			{found && <Cases found={found} view={view} />}
			{found && found.appeals.length > 0 && (
				<Erase
					found={found}
					onErased={(n) => {
						setFound(undefined);
						setValue("");
						setErased(n);
					}}
				/>
			)}
		</Page>
	);
}
