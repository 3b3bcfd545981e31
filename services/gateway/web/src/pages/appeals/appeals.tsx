// The work list: what is due soonest, or what came last.
import { useRef } from "preact/hooks";
import { useKeys } from "../../frame/keys";
import { t, word } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { csv, download } from "../../lib/csv";
import * as format from "../../lib/format";
import { useEvents, useNewAppeals } from "../../lib/live";
import { useTerms, type NameOf } from "../../lib/names";
import { useNow } from "../../lib/now";
import { usePaged } from "../../lib/pages";
import { timesOf } from "../../lib/period";
import { address, usePlace } from "../../lib/router";
import type { AppealRow, ListAppealsReply } from "../../lib/types";
import { ListFoot, ListTable } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { ClockMark, clockView, StateMark } from "../../parts/state";
import { walk } from "../../parts/walk";
import type { View } from "../view";
import { Filters, readFilter } from "./filters";

const PAGE = 50;

interface Names {
	kind: NameOf;
	topic: NameOf;
	channel: NameOf;
}

function save(rows: AppealRow[], names: Names, now: number): void {
	const head = [
		t("field.case"), "appeal_id", t("field.registered"), t("field.kind"), t("field.topic"),
		t("field.unit"), t("field.channel"), t("field.state"), t("field.clock"), t("field.due"),
	];
	const body = rows.map((row) => {
		const f = row.facts ?? {};
		return [
			row.external_id ?? "", row.appeal_id, f.registered_at_us ?? "", names.kind(f.kind), names.topic(f.topic),
			f.unit ?? "", names.channel(f.channel), word("state", f.state ?? ""),
			clockView(f, now)?.text ?? "", f.first_response_due_us ?? "",
		];
	});
	download("appeals.csv", csv([head, ...body]));
}

function Row({ row, names, now }: { row: AppealRow; names: Names; now: number }) {
	const f = row.facts ?? {};
	return (
		<tr data-row={row.appeal_id}>
			<th scope="row">
				<a href={address(`/appeals/${row.appeal_id}`)}>{row.external_id || row.appeal_id.slice(0, 8)}</a>
			</th>
			<td data-label={t("field.clock")}><ClockMark facts={f} now={now} /></td>
			<td data-label={t("field.state")}><StateMark state={f.state} /></td>
			<td data-label={t("field.registered")}>
				{f.registered_at_us ? <time dateTime={f.registered_at_us} title={format.timeExact(f.registered_at_us)}>{format.time(f.registered_at_us)}</time> : "–"}
			</td>
			<td data-label={t("field.kind")}>{names.kind(f.kind) || "–"}</td>
			<td data-label={t("field.topic")}>{names.topic(f.topic) || "–"}</td>
			<td data-label={t("field.unit")}><a class="quiet" href={address("/appeals", { unit: f.unit ?? "" }, "all")}>{f.unit}</a></td>
			<td data-label={t("field.channel")}>{names.channel(f.channel) || "–"}</td>
		</tr>
	);
}

export function AppealsPage({ view }: { view: View }) {
	const filter = readFilter(usePlace().query);
	const list = useRef<HTMLDivElement>(null);
	const now = useNow();
	const names: Names = {
		kind: useTerms("kind").name,
		topic: useTerms("topic").name,
		channel: useTerms("channel").name,
	};
	const { order, ...fields } = filter;
	const page = usePaged<ListAppealsReply, AppealRow>(
		apiPath("/appeals", {
			unit: view.unit,
			...fields,
			...timesOf(view.period),
			order: order === "due" ? "WAITING_FIRST" : undefined,
			limit: PAGE,
		}),
		(reply) => ({ rows: reply.appeals ?? [], next: reply.next_cursor ?? "" }),
	);
	const { fresh, reset } = useNewAppeals();
	const reload = (): void => {
		reset();
		page.reload();
	};
	// A row on the screen follows its case; new rows wait until they are asked for,
	// so that nothing moves under the reader's hand.
	useEvents((event) => {
		const id = event.data?.appeal_id;
		const after = event.data?.after;
		if (id && after && page.rows?.some((row) => row.appeal_id === id))
			page.change((row) => (row.appeal_id === id ? { ...row, facts: after } : row));
	});
	// Links of the first column only are walked.
	useKeys({ j: () => walk(list.current, 1), k: () => walk(list.current, -1), n: reload });

	const rows = page.rows ?? [];
	return (
		<Page
			title={t("nav.appeals")}
			note={t("appeals.note", { from: format.day(view.period.from), to: format.day(view.period.to) })}
			actions={
				<>
					<button type="button" class="button" disabled={fresh === 0} aria-keyshortcuts="n" onClick={reload}>
						{fresh > 0 ? t("live.fresh", { n: fresh }) : t("live.none_new")}
					</button>
					<button type="button" class="button" disabled={rows.length === 0} onClick={() => save(rows, names, now)}>
						{t("action.export")}
					</button>
				</>
			}
		>
			<Filters filter={filter} />
			{page.error && <ProblemBox error={page.error} kept={rows.length > 0 ? t("problem.kept_list") : ""} onRetry={page.reload} />}
			<div class="panel" ref={list}>
				<ListTable
					page={page}
					title={t("nav.appeals")}
					columns={[
						t("field.case"), t("field.clock"), t("field.state"), t("field.registered"),
						t("field.kind"), t("field.topic"), t("field.unit"), t("field.channel"),
					]}
					none={t(order === "due" ? "appeals.none_due" : "appeals.empty")}
				>
					{rows.map((row) => <Row key={row.appeal_id} row={row} names={names} now={now} />)}
				</ListTable>
			</div>
			<ListFoot page={page} />
		</Page>
	);
}
