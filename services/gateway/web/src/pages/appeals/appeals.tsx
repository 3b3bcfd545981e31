// The work list: what is due soonest, or what came last.
import { useRef, useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { useKeys } from "../../frame/keys";
import { t, word } from "../../i18n/i18n";
import { ApiError, apiPath, send } from "../../lib/api";
import { csv, download } from "../../lib/csv";
import * as format from "../../lib/format";
import { useEvents, useNewAppeals } from "../../lib/live";
import { useTerms, type NameOf } from "../../lib/names";
import { useNow } from "../../lib/now";
import { usePaged } from "../../lib/pages";
import { timesOf } from "../../lib/period";
import { address, go, prefix, usePlace } from "../../lib/router";
import type { AppealRow, AssignNextReply, ListAppealsReply } from "../../lib/types";
import { shortId } from "../../lib/uuid";
import { ListFoot, ListTable, Pair, pairName } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { ClockMark, clockName, clockOf, clockView, Flags, StateMark } from "../../parts/state";
import { walk } from "../../parts/walk";
import type { View } from "../view";
import { BulkBar } from "./bulk";
import { bodyOfParams, Filters, paramsOf, readFilter } from "./filters";
import { Views } from "./views";

const PAGE = 50;

interface Names {
	kind: NameOf;
	topic: NameOf;
	channel: NameOf;
}

function save(rows: AppealRow[], names: Names, now: number): void {
	const head = [
		t("field.case"), "appeal_id", t("field.registered"), t("field.kind"), t("field.topic"),
		t("field.unit"), t("field.channel"), t("field.state"), t("field.handler"), t("field.clock"), t("field.left"), t("field.due_us"),
	];
	const body = rows.map((row) => {
		const f = row.facts ?? {};
		return [
			row.external_id ?? "", row.appeal_id, f.registered_at_us ?? "", names.kind(f.kind), names.topic(f.topic),
			f.unit ?? "", names.channel(f.channel), word("state", f.state ?? ""), f.handler ?? "",
			clockName(clockOf(f)?.clock), clockView(clockOf(f), now)?.text ?? "", clockOf(f)?.due_us ?? "",
		];
	});
	download("appeals.csv", csv([head, ...body]));
}

interface RowProps {
	row: AppealRow;
	names: Names;
	now: number;
	chosen: boolean;
	onChoose: ((id: string) => void) | undefined;
}

function nameOfRow(row: AppealRow): string {
	return row.external_id || shortId(row.appeal_id);
}

function Row({ row, names, now, chosen, onChoose }: RowProps) {
	const f = row.facts ?? {};
	return (
		<tr data-row={row.appeal_id}>
			{onChoose && (
				<td class="choose">
					<input type="checkbox" checked={chosen} aria-label={t("bulk.choose", { name: nameOfRow(row) })} onChange={() => onChoose(row.appeal_id)} />
				</td>
			)}
			<th scope="row">
				<a href={address(`/appeals/${row.appeal_id}`)}>{nameOfRow(row)}</a> <Flags facts={f} />
				{row.excerpt && (
					<p class="soft excerpt" dir="auto">{row.excerpt.map((part, i) => (part.hit ? <mark key={i}>{part.text}</mark> : part.text))}</p>
				)}
			</th>
			<td data-label={t("field.clock")}><ClockMark facts={f} now={now} /></td>
			<td data-label={pairName("field.state", "field.registered")}>
				<Pair
					of={<StateMark state={f.state} />}
					more={f.registered_at_us && <time dateTime={f.registered_at_us} title={format.timeExact(f.registered_at_us)}>{format.time(f.registered_at_us)}</time>}
				/>
			</td>
			<td data-label={pairName("field.kind", "field.topic")}><Pair of={names.kind(f.kind) || "–"} more={names.topic(f.topic)} /></td>
			<td data-label={pairName("field.unit", "field.channel")}>
				<Pair of={<a class="quiet" href={address("/appeals", { unit: f.unit ?? "" }, "all")}>{f.unit}</a>} more={names.channel(f.channel)} />
			</td>
			<td data-label={t("field.handler")}>{f.handler || "–"}</td>
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
	const may = view.who.roles?.includes("handler") === true;
	const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
	// What waits is wanted whenever it came; only what is asked by time has a period.
	const timed = filter.order === "newest" && filter.text === "";
	const params = {
		unit: view.unit,
		...paramsOf(filter, view.who.name),
		...(timed ? timesOf(view.period) : {}),
	};
	const asked = { ...params, limit: PAGE };
	const searched = filter.text !== "";
	const [behind, setBehind] = useState("");
	const page = usePaged<ListAppealsReply, AppealRow>(
		searched ? apiPath("/appeals/search") : apiPath("/appeals", asked),
		(reply) => {
			setBehind(reply.search_behind_us ?? "");
			return { rows: reply.appeals ?? [], next: reply.next_cursor ?? "" };
		},
		"cursor",
		searched ? bodyOfParams(asked) : undefined,
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
	const choose = (id: string): void => {
		const next = new Set(chosen);
		if (!next.delete(id)) next.add(id);
		setChosen(next);
	};
	const chooseWalked = (): void => {
		const id = document.activeElement?.closest<HTMLElement>("[data-row]")?.dataset["row"];
		if (may && id) choose(id);
	};
	const [problem, setProblem] = useState<ApiError | undefined>();
	// The next case of one's seat is given, then opened.
	const takeNext = async (): Promise<void> => {
		setProblem(undefined);
		try {
			const given = await send<AssignNextReply>("POST", apiPath("/assignments"), {});
			if (given.appeal_id) go(address(`/appeals/${given.appeal_id}`));
			else announce(t("appeals.nothing_to_take"));
		} catch (cause) {
			setProblem(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
	};
	useKeys({ w: () => may && void takeNext(), j: () => walk(list.current, 1), k: () => walk(list.current, -1), n: reload, x: chooseWalked });

	const rows = page.rows ?? [];
	return (
		<Page
			title={t("nav.appeals")}
			note={timed ? t("appeals.note", { from: format.day(view.period.from), to: format.day(view.period.to) }) : t("appeals.note_open")}
			actions={
				<>
					<button type="button" class="button" disabled={fresh === 0} aria-keyshortcuts="n" onClick={reload}>
						{fresh > 0 ? t("live.fresh", { n: fresh }) : t("live.none_new")}
					</button>
					{may && (
						<button type="button" class="button" aria-keyshortcuts="w" onClick={() => void takeNext()}>
							{t("appeals.take_next")}
						</button>
					)}
					<button type="button" class="button" disabled={rows.length === 0} onClick={() => save(rows, names, now)}>
						{t("action.export")}
					</button>
					{may && <a class="button" href={address("/visits")}>{t("visits.title")}</a>}
					{!searched && <a class="button" download href={prefix() + apiPath("/appeals.csv", params)}>{t("appeals.export_all")}</a>}
				</>
			}
		>
			<Views me={view.who.name} unit={view.unit} />
			<Filters filter={filter} />
			{problem && <ProblemBox error={problem} />}
			<BulkBar
				chosen={chosen}
				me={view.who.name}
				nameOf={(id) => nameOfRow(rows.find((row) => row.appeal_id === id) ?? { appeal_id: id })}
				onChosen={setChosen}
				onDone={page.reload}
			/>
			{page.error && <ProblemBox error={page.error} kept={rows.length > 0 ? t("problem.kept_list") : ""} onRetry={page.reload} />}
			{searched && behind && <p class="soft">{t("appeals.search_behind", { time: format.time(behind) })}</p>}
			<div class="panel" ref={list}>
				<ListTable
					page={page}
					title={t("nav.appeals")}
					columns={[
						...(may ? [t("bulk.column")] : []),
						t("field.case"), t("field.clock"), pairName("field.state", "field.registered"),
						pairName("field.kind", "field.topic"), pairName("field.unit", "field.channel"), t("field.handler"),
					]}
					none={t(timed ? "appeals.empty" : "appeals.none_due")}
				>
					{rows.map((row) => 
						<Row
							key={row.appeal_id}
							row={row}
							names={names}
							now={now}
							chosen={chosen.has(row.appeal_id)}
							onChoose={may ? choose : undefined}
						/>
					)}
				</ListTable>
			</div>
			<ListFoot page={page} />
		</Page>
	);
}
