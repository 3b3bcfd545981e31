// The tree that figures roll up in: where the scope stands, what is above and below.
import { t, word } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { unitName, useUnit } from "../../lib/names";
import { usePaged } from "../../lib/pages";
import { address } from "../../lib/router";
import { count, type ListUnitsReply, type Unit } from "../../lib/types";
import { ListFoot, ListTable } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import type { View } from "../view";
import { PeoplePanel } from "./people";

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
				{ancestors.map((a) => <li key={a.code}><a href={address("/directory", { unit: a.code })}>{unitName(a, a.code)}</a></li>)}
				<li aria-current="page">{unitName(unit, unit.code)}</li>
			</ol>
		</nav>
	);
}

export function DirectoryPage({ view }: { view: View }) {
	const root = view.unit || view.who.unit || "";
	const known = useUnit(root === "" ? null : root);
	// The whole tree: its roots. kpi and the lists call this "no scope".
	const page = usePaged<ListUnitsReply, Unit>(apiPath("/units", { parent: root, limit: 100 }), (reply) => ({
		rows: reply.units ?? [],
		next: reply.next_code ?? "",
	}), "after_code");
	const rows = page.rows ?? [];
	return (
		<Page title={t("nav.directory")} note={t("directory.note")}>
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
							<a href={address("/")}>{t("nav.overview")}</a> · <a href={address("/appeals")}>{t("nav.appeals")}</a>
						</dd></div>
					</dl>
				)}
				{root === "" && <Totals />}
				{page.error && <ProblemBox error={page.error} onRetry={page.reload} />}
				<ListTable
					page={page}
					title={t("units.title")}
					columns={[t("units.unit"), t("directory.code"), t("directory.level"), t("directory.zone")]}
					none={t("units.leaf")}
				>
					{rows.map((unit) => (
						<tr key={unit.code}>
							<th scope="row"><a href={address("/directory", { unit: unit.code })}>{unitName(unit, unit.code)}</a></th>
							<td data-label={t("directory.code")}><code>{unit.code}</code></td>
							<td data-label={t("directory.level")}>{word("level", unit.level ?? "")}</td>
							<td data-label={t("directory.zone")}>{unit.zone || <span class="soft">{t("directory.inherited")}</span>}</td>
						</tr>
					))}
				</ListTable>
				<ListFoot page={page} />
			</section>
			{view.who.roles?.includes("admin") && <PeoplePanel />}
		</Page>
	);
}
