// A table whose rows come page by page: what stands there while there are none, and
// what brings more.
import type { ComponentChildren } from "preact";
import { t, type Key } from "../i18n/i18n";
import type { Paged } from "../lib/pages";

type ListPage = Pick<Paged<unknown>, "rows" | "more" | "busy" | "error" | "next">;

interface ListTableProps {
	page: ListPage;
	title: string;
	columns: string[];
	none: string; // said when the answer is empty
	children: ComponentChildren;
}

export function ListTable({ page, title, columns, none, children }: ListTableProps) {
	const waits = page.error ? "" : t("state.loading");
	return (
		<>
			<table class="list cards" aria-busy={page.busy}>
				<caption class="unseen">{title}</caption>
				<thead>
					<tr>{columns.map((name) => <th key={name} scope="col">{name}</th>)}</tr>
				</thead>
				<tbody>{children}</tbody>
			</table>
			{!page.rows?.length && <p class="empty">{page.rows ? none : waits}</p>}
		</>
	);
}

export function ListMore({ page }: { page: ListPage }) {
	return page.more ? <button type="button" class="button" disabled={page.busy} onClick={page.next}>{t("list.more")}</button> : null;
}

export function ListFoot({ page }: { page: ListPage }) {
	return (
		<p class="list-foot">
			<span class="soft" role="status">{t("list.shown", { n: page.rows?.length ?? 0 })}</span>{" "}
			<ListMore page={page} />
		</p>
	);
}

// Two columns in one, the second below the first.
export function Pair({ of, more }: { of: ComponentChildren; more: ComponentChildren }) {
	return <span class="pair"><span>{of}</span><span class="soft">{more}</span></span>;
}

export function pairName(of: Key, more: Key): string {
	return `${t(of)} · ${t(more)}`;
}
