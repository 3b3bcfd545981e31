// The customer behind a case: other cases of theirs over all contacts, why these are
// one customer, and both corrections: two who are one, one who is two. Asked for when
// it is opened, since that is a reading of personal data.
import { useState } from "preact/hooks";
import { t } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { useFetched } from "../../lib/fetched";
import { useTerms } from "../../lib/names";
import { address } from "../../lib/router";
import type { AppealRow, Principal } from "../../lib/types";
import { shortId } from "../../lib/uuid";
import { ListTable } from "../../parts/list";
import { ProblemBox } from "../../parts/problem";
import { PutForm } from "../../parts/put-form";
import { StateMark } from "../../parts/state";
import type { Field } from "../../parts/values";
import { When } from "./facts";

export interface SubjectLink {
	link_id: string;
	by_rule?: boolean;
	appeal_id?: string;
	other_appeal_id?: string; // of a link by hand
	made_by?: string;
	made_at_us?: string;
	text?: string;
	split?: boolean;
	split_by?: string;
	split_at_us?: string;
	split_text?: string;
}

interface ListSubjectAppealsReply {
	appeals?: AppealRow[];
	links?: SubjectLink[];
	same_matter?: string[];
	more?: boolean;
}

const why: Field = { name: "text", type: "line", required: true, label: "reason" };
const mergeFields: readonly Field[] = [{ name: "other_appeal_id", type: "line", required: true, hint: "field.other_appeal_id.hint" }, why];

function CaseLink({ id }: { id: string | undefined }) {
	return id ? <a href={address(`/appeals/${id}`)}><code>{shortId(id)}</code></a> : null;
}

function Link({ link, onSplit }: { link: SubjectLink; onSplit: (() => void) | undefined }) {
	return (
		<li>
			<p>
				<span class={`mark tone-${link.split ? "idle" : "good"}`}>
					<span aria-hidden="true">{link.split ? "○" : "●"}</span> {t(link.split ? "subject.was_split" : "subject.linked")}
				</span>{" "}
				{t(link.by_rule ? "subject.by_rule" : "subject.by_hand")} <CaseLink id={link.appeal_id} /> <CaseLink id={link.other_appeal_id} />
			</p>
			<p class="soft">
				{link.made_by && <bdi>{link.made_by} </bdi>}<When at={link.made_at_us} />
				{link.split && <> → <bdi>{link.split_by} </bdi><When at={link.split_at_us} /></>}
			</p>
			{[link.text, link.split_text].filter(Boolean).map((text, i) => <blockquote key={i} class="words" dir="auto">{text}</blockquote>)}
			{onSplit && !link.split && <button type="button" class="button" onClick={onSplit}>{t("subject.split")}</button>}
		</li>
	);
}

function Known({ id }: { id: string }) {
	const { data, error, busy, reload } = useFetched<ListSubjectAppealsReply>(apiPath(`/appeals/${encodeURIComponent(id)}/customer`, { limit: 50 }));
	const [form, setForm] = useState<"merge" | SubjectLink | undefined>();
	const topic = useTerms("topic").name;
	const same = data?.same_matter ?? [];
	const rows = (data?.appeals ?? []).filter((row) => row.appeal_id !== id);
	const links = data?.links ?? [];
	const done = (): void => {
		setForm(undefined);
		reload();
	};
	if (!data) return error ? <ProblemBox error={error} onRetry={reload} /> : <p class="empty" aria-busy="true">{t("state.loading")}</p>;
	return (
		<>
			{error && <ProblemBox error={error} onRetry={reload} />}
			<ListTable
				page={{ rows, more: false, busy, error: undefined, next: () => undefined }}
				title={t("subject.title")}
				columns={[t("field.case"), t("field.topic"), t("field.state")]}
				none={t("subject.none")}
			>
				{rows.map((row) => (
					<tr key={row.appeal_id}>
						<th scope="row">
							<a href={address(`/appeals/${row.appeal_id}`)}>{row.external_id || shortId(row.appeal_id)}</a>{" "}
							{same.includes(row.appeal_id) && <span class="mark tone-warn"><span aria-hidden="true">◆</span> {t("subject.same_matter")}</span>}
						</th>
						<td data-label={t("field.topic")}>{topic(row.facts?.topic) || "–"}</td>
						<td data-label={t("field.state")}><StateMark state={row.facts?.state} /></td>
					</tr>
				))}
			</ListTable>
			{data.more && <p class="soft">{t("subject.more")}</p>}
			{links.length > 0 && (
				<>
					<h3>{t("subject.links")}</h3>
					<ul class="items">{links.map((link) => <Link key={link.link_id} link={link} onSplit={() => setForm(link)} />)}</ul>
				</>
			)}
			{form === undefined && <p class="choices"><button type="button" class="button" onClick={() => setForm("merge")}>{t("subject.merge")}</button></p>}
			{form === "merge" && (
				<PutForm
					id="subject-form"
					title={t("subject.merge")}
					fields={mergeFields}
					effect={t("subject.merge.effect")}
					button={t("subject.merge")}
					path={`/api/v1/appeals/${encodeURIComponent(id)}/customer/links`}
					onSaved={done}
					onCancel={() => setForm(undefined)}
				/>
			)}
			{form !== undefined && form !== "merge" && (
				<PutForm
					key={form.link_id}
					id="subject-form"
					title={t("subject.split")}
					fields={[why]}
					effect={t("subject.split.effect")}
					button={t("subject.split")}
					path={`/api/v1/customer-links/${encodeURIComponent(form.link_id)}/split`}
					onSaved={done}
					onCancel={() => setForm(undefined)}
				/>
			)}
		</>
	);
}

export function SubjectPanel({ id, who }: { id: string; who: Principal }) {
	const [open, setOpen] = useState(false);
	const keeps = ["privacy", "admin"].some((role) => who.roles?.includes(role));
	if (!who.roles?.includes("handler") && !keeps) return null;
	return (
		<details class="panel" onToggle={(e) => setOpen(e.currentTarget.open)}>
			<summary>{t("subject.title")}</summary>
			{open && who.roles?.includes("handler") && <Known id={id} />}
			{keeps && <p><a href={address("/privacy", { appeal: id })}>{t("subject.all_kept")}</a></p>}
		</details>
	);
}
