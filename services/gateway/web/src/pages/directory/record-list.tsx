// A tab of the directory: the list with its search and export, a record of it by
// its own address, and a new one.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t, word } from "../../i18n/i18n";
import { apiPath, type Params } from "../../lib/api";
import { csv, download } from "../../lib/csv";
import { nameOf, type Dated } from "../../lib/directory";
import { useFetched } from "../../lib/fetched";
import { usePaged } from "../../lib/pages";
import { address, go } from "../../lib/router";
import { ListFoot, ListTable } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { lastOf, type Values } from "../../parts/values";
import { textOf } from "./record-form";
import { NewRecord, RecordPanel } from "./record-page";
import type { RecordType } from "./records";
import { Tabs } from "./tabs";

export interface ListConfig {
	tab: string;
	type: RecordType;
	path: string;
	read: (reply: Record<string, unknown>) => { rows: Dated[]; next: string };
	parameter?: string | ((next: string) => string);
	search?: string; // the parameter of the service; without: among what is shown
	columns: readonly string[]; // fields by name, after the name
	name?: (record: Dated) => string;
}

export const NEW = "+";

export function idOf(type: RecordType, record: Dated): string {
	return type.id.map((name) => String(record[name] ?? "")).join("/");
}

// As far as its versions can be asked for.
function ofId(type: RecordType, id: string): Dated {
	const parts = id.split("/");
	return Object.fromEntries(type.id.map((name, i) => [name, parts[i] ?? ""]));
}

export function recordPath(tab: string, id: string): string {
	return `/directory/${tab}/${encodeURIComponent(id)}`;
}

interface Props {
	config: ListConfig;
	open: string; // id of a record, "+", or "" for the list
	may: boolean;
	params?: Params;
	filters?: ComponentChildren;
	above?: ComponentChildren;
	values?: Values; // of a new record
	moves?: string;
	more?: (record: Dated) => ComponentChildren;
	cell?: (field: string, record: Dated) => ComponentChildren; // undefined: as the form says
	row?: (record: Dated) => ComponentChildren; // a last column
	rowTitle?: string;
}

export function RecordsTab({ config, open, may, params = {}, filters, above, values, moves, more, cell, row, rowTitle }: Props) {
	const { type, tab } = config;
	const [text, setText] = useState("");
	const asked = config.search ? { ...params, [config.search]: text.trim() } : params;
	const page = usePaged<Record<string, unknown>, Dated>(apiPath(config.path, asked), config.read, config.parameter);
	const name = config.name ?? ((record: Dated) => nameOf(record, idOf(type, record)));
	const columns = config.columns.map((field) => type.fields.find((f) => f.name === field)!);
	const label = (field: { name: string; label?: string }): string => word("field", field.label ?? lastOf(field.name));
	const wanted = text.trim().toLocaleLowerCase();
	const all = page.rows ?? [];
	const fits = (record: Dated): boolean =>
		config.search !== undefined || wanted === "" ||
		[name(record), idOf(type, record), ...columns.map((f) => textOf(f, record))].some((s) => s.toLocaleLowerCase().includes(wanted));
	const rows = all.filter(fits);
	// What has no versions is asked for by itself when the list has not come to it.
	const listed = all.find((r) => idOf(type, r) === open);
	const alone = open !== "" && open !== NEW && !listed && !type.dated && type.id[0];
	const one = useFetched<Record<string, unknown>>(alone ? apiPath(config.path, { [alone]: open }) : null);
	const toList = (): void => go(address(`/directory/${tab}`));
	const saveCsv = (): void =>
		download(`${tab}.csv`, csv([
			[...type.id, "name", ...config.columns],
			...rows.map((r) => [...type.id.map((id) => String(r[id] ?? "")), name(r), ...columns.map((f) => textOf(f, r))]),
		]));

	if (open !== "") {
		const record = listed ?? (alone ? one.data && config.read(one.data).rows[0] : ofId(type, open));
		return (
			<Page
				title={open === NEW ? t(`record.new.${type.sort as "unit"}`) : record ? name(record) : open}
				note={open === NEW ? undefined : <code>{open}</code>}
				actions={<a class="button" href={address(`/directory/${tab}`)}>{t("record.to_list")}</a>}
			>
				{open === NEW
					? <NewRecord type={type} {...(values ? { values } : {})} onSaved={(r) => { page.reload(); go(address(recordPath(tab, idOf(type, r)))); }} onCancel={toList} />
					: record
						? <RecordPanel key={open} type={type} record={record} may={may} {...(moves ? { moves } : {})} {...(more ? { more } : {})} onChanged={() => { page.reload(); one.reload(); }} />
						: one.error
							? <ProblemBox error={one.error} onRetry={one.reload} />
							: <p class="empty" aria-busy={one.busy}>{one.data ? t("directory.empty") : t("state.loading")}</p>}
			</Page>
		);
	}
	return (
		<Page
			title={t(`directory.tab.${tab as "units"}`)}
			note={t(`directory.about.${tab as "units"}`)}
			actions={
				<>
					{may && <a class="button button-main" href={address(recordPath(tab, NEW))}>{t(`record.new.${type.sort as "unit"}`)}</a>}
					<button type="button" class="button" disabled={rows.length === 0} onClick={saveCsv}>{t("action.export")}</button>
				</>
			}
		>
			<Tabs tab={tab} />
			<form class="filters" aria-label={t("filter.title")} onSubmit={(e) => e.preventDefault()}>
				<label class="filter-text">
					<span>{t("directory.search")}</span>
					<input class="control" type="search" maxLength={100} value={text} onInput={(e) => setText(e.currentTarget.value)} />
				</label>
				{filters}
			</form>
			{above}
			{page.error && <ProblemBox error={page.error} onRetry={page.reload} />}
			<div class="panel">
				<ListTable
					page={{ ...page, rows: page.rows && rows }}
					title={t(`directory.tab.${tab as "units"}`)}
					columns={[t("people.name"), ...columns.map(label), ...(row ? [rowTitle ?? ""] : [])]}
					none={t("directory.empty")}
				>
					{rows.map((record) => (
						<tr key={`${idOf(type, record)}/${record.valid_from_day ?? ""}`}>
							<th scope="row"><a href={address(recordPath(tab, idOf(type, record)))}>{name(record)}</a></th>
							{columns.map((field) => (
								<td key={field.name} data-label={label(field)}>{cell?.(field.name, record) ?? textOf(field, record)}</td>
							))}
							{row && <td data-label={rowTitle}>{row(record)}</td>}
						</tr>
					))}
				</ListTable>
			</div>
			<ListFoot page={{ ...page, rows }} />
		</Page>
	);
}
