// The tree that figures roll up in: where the scope stands, what is above and below;
// units are added, moved, ended and merged here.
import { useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { t, word } from "../../i18n/i18n";
import { ApiError, apiPath, send } from "../../lib/api";
import type { Dated } from "../../lib/directory";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { unitName, useUnit } from "../../lib/names";
import { usePaged } from "../../lib/pages";
import { today } from "../../lib/period";
import { address, go } from "../../lib/router";
import { count, type ListUnitsReply, type Unit } from "../../lib/types";
import { uuid } from "../../lib/uuid";
import { FieldInput } from "../../parts/fields";
import { ListFoot, ListTable } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import type { Field, Values } from "../../parts/values";
import type { View } from "../view";
import { NEW, recordPath } from "./record-list";
import { NewRecord, RecordPanel } from "./record-page";
import { recordTypes } from "./records";
import { Tabs } from "./tabs";

function Totals() {
	const { data } = useFetched<Record<string, string>>("/api/v1/directory");
	const names = ["units", "departments", "terms", "denominators", "principals", "revision"] as const;
	return (
		<dl class="facts">
			{names.map((name) => (
				<div key={name}>
					<dt>{t(`directory.${name}`)}</dt>
					<dd>{data ? format.integer(count(data[name])) : "…"}</dd>
				</div>
			))}
		</dl>
	);
}

function Path({ ancestors, unit }: { ancestors: Unit[]; unit: Unit }) {
	return (
		<nav aria-label={t("directory.path")}>
			<ol class="path">
				{ancestors.map((a) => <li key={a.code}><a href={address("/directory/units", { unit: a.code })}>{unitName(a, a.code)}</a></li>)}
				<li aria-current="page">{unitName(unit, unit.code)}</li>
			</ol>
		</nav>
	);
}

export function UnitsPage({ view, may }: { view: View; may: boolean }) {
	const root = view.unit || view.who.unit || "";
	const known = useUnit(root === "" ? null : root);
	// The whole tree: its roots. kpi and the lists call this "no scope".
	const page = usePaged<ListUnitsReply, Unit>(apiPath("/units", { parent: root, limit: 100 }), (reply) => ({
		rows: reply.units ?? [],
		next: reply.next_code ?? "",
	}), "after_code");
	const rows = page.rows ?? [];
	return (
		<Page
			title={t("nav.directory")}
			note={t("directory.note")}
			actions={may && <a class="button button-main" href={address(recordPath("units", NEW))}>{t("record.new.unit")}</a>}
		>
			<Tabs tab="units" />
			<section class="panel" aria-labelledby="unit-title">
				<h2 id="unit-title">{root === "" ? t("scope.all") : unitName(known?.unit, root)}</h2>
				{known && <Path ancestors={known.ancestors ?? []} unit={known.unit} />}
				{known && (
					<dl class="facts">
						<div><dt>{t("directory.code")}</dt><dd><code>{known.unit.code}</code></dd></div>
						<div><dt>{t("directory.level")}</dt><dd>{word("level", known.unit.level ?? "")}</dd></div>
						{known.unit.zone && <div><dt>{t("directory.zone")}</dt><dd>{known.unit.zone}</dd></div>}
						<div><dt>{t("directory.children")}</dt><dd>{format.integer(known.children ?? 0)}</dd></div>
						<div><dt>{t("directory.see")}</dt><dd>
							<a href={address("/")}>{t("nav.overview")}</a> · <a href={address("/appeals")}>{t("nav.appeals")}</a> ·{" "}
							<a href={address(recordPath("units", known.unit.code))}>{t("record.itself")}</a>
						</dd></div>
					</dl>
				)}
				{root === "" && <Totals />}
				{page.error && <ProblemBox error={page.error} onRetry={page.reload} />}
				<ListTable
					page={page}
					title={t("units.title")}
					columns={[t("units.unit"), t("directory.code"), t("directory.level"), t("directory.zone"), t("record.record")]}
					none={t("units.leaf")}
				>
					{rows.map((unit) => (
						<tr key={unit.code}>
							<th scope="row"><a href={address("/directory/units", { unit: unit.code })}>{unitName(unit, unit.code)}</a></th>
							<td data-label={t("directory.code")}><code>{unit.code}</code></td>
							<td data-label={t("directory.level")}>{word("level", unit.level ?? "")}</td>
							<td data-label={t("directory.zone")}>{unit.zone || <span class="soft">{t("directory.inherited")}</span>}</td>
							<td data-label={t("record.record")}><a href={address(recordPath("units", unit.code))}>{t("record.open")}</a></td>
						</tr>
					))}
				</ListTable>
				<ListFoot page={page} />
			</section>
		</Page>
	);
}

const mergeFields: readonly Field[] = [
	{ name: "into", type: "unit", required: true, label: "into_unit" },
	{ name: "day", type: "day", required: true },
];

interface Merged {
	units?: string[];
	employees?: string[];
	still_named_by?: string[];
}

// One unit into another. It cannot be undone, so what it does is said before, and
// what is left to decide after.
function MergePanel({ unit, onMerged }: { unit: string; onMerged: () => void }) {
	const [values, setValues] = useState<Values>({ day: today() });
	const [sure, setSure] = useState(false);
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();
	const [merged, setMerged] = useState<Merged | undefined>();
	const merge = async (event: Event): Promise<void> => {
		event.preventDefault();
		setBusy(true);
		setError(undefined);
		try {
			setMerged(await send<Merged>("POST", "/api/v1/directory/merges", { unit, into: values["into"], day: values["day"] }, uuid()));
			announce(t("record.saved"));
			onMerged();
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
		setBusy(false);
	};
	return (
		<details class="panel">
			<summary>{t("merge.title")}</summary>
			<p class="soft">{t("merge.effect")}</p>
			<form class="form" onSubmit={(e) => void merge(e)}>
				{mergeFields.map((field) => (
					<FieldInput
						key={field.name}
						field={field}
						value={values[field.name] ?? ""}
						options={[]}
						onChange={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
					/>
				))}
				<label class="check">
					<input type="checkbox" checked={sure} onChange={(e) => setSure(e.currentTarget.checked)} /> <span>{t("merge.sure")}</span>
				</label>
				<div><button class="button button-main" disabled={busy || !sure || !values["into"] || !values["day"]}>{t("merge.do")}</button></div>
			</form>
			{error && <ProblemBox error={error} kept={t("action.kept")} />}
			{merged && (
				<div class="box box-good" role="status">
					<p><strong><span aria-hidden="true">✓</span> {t("merge.done", { units: (merged.units ?? []).length, people: (merged.employees ?? []).length })}</strong></p>
					{(merged.still_named_by ?? []).length > 0 && <p>{t("merge.left")} <code>{merged.still_named_by!.join(", ")}</code></p>}
				</div>
			)}
		</details>
	);
}

export function UnitRecordPage({ open, view, may }: { open: string; view: View; may: boolean }) {
	const type = recordTypes.unit;
	const known = useUnit(open === NEW ? null : open)?.unit;
	const record: Dated = { code: open, ...known };
	return (
		<Page
			title={open === NEW ? t("record.new.unit") : unitName(known, open)}
			note={open === NEW ? undefined : <code>{open}</code>}
			actions={<a class="button" href={address("/directory/units")}>{t("record.to_list")}</a>}
		>
			{open === NEW ? (
				<NewRecord
					type={type}
					values={{ parent: view.unit, level: "office" }}
					onSaved={(made) => go(address(recordPath("units", String(made["code"]))))}
					onCancel={() => go(address("/directory/units"))}
				/>
			) : (
				<RecordPanel
					key={open}
					type={type}
					record={record}
					may={may}
					moves="parent"
					more={() => may && <MergePanel unit={open} onMerged={() => undefined} />}
					onChanged={() => undefined}
				/>
			)}
		</Page>
	);
}
