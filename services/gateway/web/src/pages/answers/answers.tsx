// Answers: what handlers take their words from, and what customers may read. The list
// of templates or of articles, and one of them by its address.
import { useState } from "preact/hooks";
import { labelText, t } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { csv, download } from "../../lib/csv";
import * as format from "../../lib/format";
import { useTerms } from "../../lib/names";
import { usePaged } from "../../lib/pages";
import { address, setQuery, usePlace } from "../../lib/router";
import { count } from "../../lib/types";
import { ListFoot, ListTable } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { NotFoundPage } from "../not-found";
import type { View } from "../view";
import { kinds, type Kind, type Version } from "./desk";
import { AnswerPage } from "./one";

export const shapes = { DESK_DRAFT: "◌", DESK_APPROVED: "✓", DESK_RETIRED: "○" } as const;
const tones = { DESK_DRAFT: "warn", DESK_APPROVED: "good", DESK_RETIRED: "idle" } as const;

export function DeskMark({ state }: { state: Version["state"] }) {
	if (!state) return null;
	return <span class={`mark tone-${tones[state]}`}><span aria-hidden="true">{shapes[state]}</span> {t(`desk.${state}`)}</span>;
}

export function titleOf(kind: Kind, version: Version): string {
	if (kind === "templates") return labelText(version.names, version.code);
	return labelText((version.texts ?? []).map((text) => ({ lang: text.lang ?? "", text: text.title ?? "" })), version.code);
}

function AnswerTabs({ kind }: { kind: Kind }) {
	return (
		<nav class="tabs" aria-label={t("nav.answers")}>
			{kinds.map((name) => (
				<a key={name} href={address(`/answers/${name}`)} aria-current={name === kind ? "page" : undefined}>{t(`answers.${name}`)}</a>
			))}
		</nav>
	);
}

const states = ["DESK_DRAFT", "DESK_APPROVED", "DESK_RETIRED"] as const;

function List({ kind, may }: { kind: Kind; may: boolean }) {
	const [text, setText] = useState("");
	const state = states.find((name) => name === usePlace().query["state"]) ?? "";
	const topic = useTerms("topic").name;
	const page = usePaged<Record<string, unknown>, Version>(
		apiPath(`/${kind}`, { state, limit: 200 }),
		(reply) => ({ rows: (reply[kind] ?? []) as Version[], next: String(reply["next_code"] ?? "") }),
		"after_code",
	);
	const wanted = text.trim().toLocaleLowerCase();
	const rows = (page.rows ?? []).filter((row) => `${titleOf(kind, row)} ${row.code}`.toLocaleLowerCase().includes(wanted));
	const saveCsv = (): void =>
		download(`${kind}.csv`, csv([
			["code", "version", "state", "name", "unit", "topics", "public", "author", "decided_by", "used"],
			...rows.map((r) => [
				r.code, r.version ?? 0, r.state ?? "", titleOf(kind, r), r.unit ?? "", (r.topics ?? []).join(" "),
				r.public ? "1" : "", r.author ?? "", r.decided_by ?? "", count(r.used),
			]),
		]));
	return (
		<Page
			title={t(`answers.${kind}`)}
			note={t(`answers.${kind}.note`)}
			actions={
				<>
					{may && <a class="button button-main" href={address(`/answers/${kind}/+`)}>{t(`answers.${kind}.new`)}</a>}
					<button type="button" class="button" disabled={rows.length === 0} onClick={saveCsv}>{t("action.export")}</button>
				</>
			}
		>
			<AnswerTabs kind={kind} />
			<form class="filters" aria-label={t("filter.title")} onSubmit={(e) => e.preventDefault()}>
				<label class="filter-text">
					<span>{t("directory.search")}</span>
					<input class="control" type="search" maxLength={100} value={text} onInput={(e) => setText(e.currentTarget.value)} />
				</label>
				<label>
					<span>{t("field.state")}</span>
					<select class="control" value={state} onChange={(e) => setQuery({ state: e.currentTarget.value })}>
						<option value="">{t("answers.current")}</option>
						{states.map((name) => <option key={name} value={name}>{t(`desk.${name}`)}</option>)}
					</select>
				</label>
			</form>
			{page.error && <ProblemBox error={page.error} onRetry={page.reload} />}
			<div class="panel">
				<ListTable
					page={{ ...page, rows: page.rows && rows }}
					title={t(`answers.${kind}`)}
					columns={[
						t("people.name"), t("field.state"), t("field.for_unit"), t("field.topics"),
						...(kind === "articles" ? [t("field.public")] : []), t("answers.author"), t("answers.used"),
					]}
					none={t(`answers.${kind}.empty`)}
				>
					{rows.map((row) => (
						<tr key={`${row.code}/${row.version}`}>
							<th scope="row"><a href={address(`/answers/${kind}/${encodeURIComponent(row.code)}`)}>{titleOf(kind, row)}</a> <small class="soft"><code>{row.code}</code></small></th>
							<td data-label={t("field.state")}><DeskMark state={row.state} /></td>
							<td data-label={t("field.for_unit")}>{row.unit || t("scope.all")}</td>
							<td data-label={t("field.topics")}>{(row.topics ?? []).map(topic).join(", ") || t("filter.all")}</td>
							{kind === "articles" && <td data-label={t("field.public")}>{row.public ? t("field.yes") : t("field.no")}</td>}
							<td data-label={t("answers.author")}><bdi>{row.author}</bdi></td>
							<td data-label={t("answers.used")}>{format.integer(count(row.used))}</td>
						</tr>
					))}
				</ListTable>
			</div>
			<ListFoot page={{ ...page, rows }} />
		</Page>
	);
}

export function AnswersPage({ path, view }: { path: string; view: View }) {
	const [, name = "templates", code = ""] = /^\/answers(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(path) ?? [];
	const kind = kinds.find((known) => known === name);
	const may = ["handler", "admin"].some((role) => view.who.roles?.includes(role));
	if (!kind) return <NotFoundPage />;
	if (code === "") return <List key={kind} kind={kind} may={may} />;
	return <AnswerPage key={code} kind={kind} code={decodeURIComponent(code)} who={view.who} may={may} />;
}
