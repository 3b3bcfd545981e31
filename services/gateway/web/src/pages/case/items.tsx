// What a case holds besides its state: tasks for others, promises, remedies, files, and
// the cases it belongs with. Each offers the step that it waits for.
import { useState } from "preact/hooks";
import { t, word } from "../../i18n/i18n";
import { ApiError } from "../../lib/api";
import { attachmentContent } from "../../lib/attachments";
import { save } from "../../lib/csv";
import * as format from "../../lib/format";
import { useDepartments, useTerms } from "../../lib/names";
import { address } from "../../lib/router";
import { ProblemBox } from "../../parts/problem";
import type { Appeal, Attachment, Promised, Remedy, Task } from "../../lib/types";
import { shortId } from "../../lib/uuid";
import type { Begun } from "./actions";
import { When } from "./facts";
import { stepOf, type Action } from "./life";

type Begin = ((begun: Begun) => void) | undefined;

interface ItemProps {
	title: string;
	state: string;
	tone: string;
	text: string | undefined;
	notes: preact.ComponentChildren;
	step?: { action: Action; item: string; options: readonly string[] } | undefined;
	begin: Begin;
}

function Item({ title, state, tone, text, notes, step, begin }: ItemProps) {
	return (
		<li>
			<p>
				<strong>{title}</strong> <span class={`mark tone-${tone}`}>{state}</span> <span class="soft">{notes}</span>
			</p>
			{text && <blockquote class="words" dir="auto">{text}</blockquote>}
			{step && begin && (
				<button type="button" class="button" onClick={() => begin({ ...step, about: title })}>
					{t(`action.${step.action}`)}
				</button>
			)}
		</li>
	);
}

function Panel({ id, title, children }: { id: string; title: string; children: preact.ComponentChildren }) {
	return (
		<section class="panel" aria-labelledby={id}>
			<h2 id={id}>{title}</h2>
			<ul class="items">{children}</ul>
		</section>
	);
}

function Due({ at, now, open }: { at: string | undefined; now: number; open: boolean }) {
	if (!at) return null;
	const late = open && Date.parse(at) < now;
	return <span class={late ? "mark tone-bad" : ""}>{late && <span aria-hidden="true">▲ </span>}{t("clock.due", { time: format.time(at) })}</span>;
}

function choices(action: Action): readonly string[] {
	return stepOf(action).fields?.find((field) => field.type === "choice")?.options ?? [];
}

export function TasksPanel({ appeal, begin, now }: { appeal: Appeal; begin: Begin; now: number }) {
	const department = useDepartments().name;
	const tasks: Task[] = appeal.tasks ?? [];
	if (tasks.length === 0) return null;
	return (
		<Panel id="tasks-title" title={t("case.tasks")}>
			{tasks.map((task) => (
				<Item
					key={task.task}
					title={[task.unit, task.department && department(task.department)].filter(Boolean).join(" · ") || t("case.task")}
					state={word("task", task.state ?? "TASK_OPEN")}
					tone={task.state === "TASK_DONE" ? "good" : task.state ? "warn" : "idle"}
					text={[task.text, task.outcome_text].filter(Boolean).join("\n→ ")}
					notes={<Due at={task.due_us} now={now} open={!task.state} />}
					step={task.state ? undefined : { action: "settle_task", item: task.task, options: choices("settle_task") }}
					begin={begin}
				/>
			))}
		</Panel>
	);
}

export function PromisesPanel({ appeal, begin, now }: { appeal: Appeal; begin: Begin; now: number }) {
	const promises: Promised[] = appeal.promises ?? [];
	if (promises.length === 0) return null;
	const isOpen = (p: Promised): boolean => p.state === undefined || p.state === "PROMISE_RENEGOTIATED";
	return (
		<Panel id="promises-title" title={t("case.promises")}>
			{promises.map((p) => (
				<Item
					key={p.promise}
					title={p.owner || t("case.promise")}
					state={word("state", p.state ?? "PROMISE_OPEN")}
					tone={p.state === "PROMISE_KEPT" ? "good" : p.state === "PROMISE_BROKEN" || p.overdue ? "bad" : "idle"}
					text={p.text}
					notes={<Due at={p.due_us} now={now} open={isOpen(p)} />}
					step={isOpen(p) ? { action: "settle_promise", item: p.promise, options: choices("settle_promise") } : undefined}
					begin={begin}
				/>
			))}
		</Panel>
	);
}

// What may follow in the life of a remedy (services/complaints/items.c).
function decisions(remedy: Remedy, me: string): readonly string[] {
	switch (remedy.state) {
		case undefined:
			// Four eyes: who proposed it does not decide it.
			return [
				...(remedy.proposed_by === me ? [] : ["REMEDY_APPROVED", "REMEDY_REFUSED"]),
				...(remedy.verify_later ? ["REMEDY_PAID"] : []),
			];
		case "REMEDY_APPROVED":
			return ["REMEDY_PAID"];
		case "REMEDY_PAID":
			return remedy.verify_later ? ["REMEDY_VERIFIED", "REMEDY_DISPROVED"] : [];
		case "REMEDY_REFUSED":
		case "REMEDY_VERIFIED":
		case "REMEDY_DISPROVED":
			return [];
		default:
			return []; // of a newer service
	}
}

export function RemediesPanel({ appeal, begin, me }: { appeal: Appeal; begin: Begin; me: string }) {
	const name = useTerms("remedy").name;
	const remedies = appeal.remedies ?? [];
	if (remedies.length === 0) return null;
	return (
		<Panel id="remedies-title" title={t("case.remedies")}>
			{remedies.map((r) => {
				const options = decisions(r, me);
				return (
					<Item
						key={r.remedy_id}
						title={name(r.remedy)}
						state={word("state", r.state ?? "REMEDY_PROPOSED")}
						tone={r.state === "REMEDY_REFUSED" || r.state === "REMEDY_DISPROVED" ? "bad" : r.state ? "good" : "warn"}
						text={r.text}
						notes={
							<>
								{r.amount_minor && format.money(r.amount_minor, r.currency ?? "")} · {t("case.proposed_by", { name: r.proposed_by ?? "" })}
								{r.decided_by && <> · {t("case.decided_by", { name: r.decided_by })}</>}
							</>
						}
						step={options.length > 0 ? { action: "decide_remedy", item: r.remedy_id, options } : undefined}
						begin={begin}
					/>
				);
			})}
		</Panel>
	);
}

export function RedLinePanel({ appeal, begin }: { appeal: Appeal; begin: Begin }) {
	const name = useTerms("red_line").name;
	const { red_line, red_line_outcome } = appeal.facts ?? {};
	if (!red_line) return null;
	return (
		<Panel id="red-line-title" title={t("case.red_line")}>
			<Item
				title={name(red_line)}
				state={word("outcome", red_line_outcome ?? "RED_LINE_OPEN")}
				tone={red_line_outcome === "RED_LINE_DISMISSED" ? "idle" : "bad"}
				text={undefined}
				notes={null}
				step={red_line_outcome ? undefined : { action: "decide_red_line", item: "", options: choices("decide_red_line") }}
				begin={begin}
			/>
		</Panel>
	);
}

async function saveFile(appealId: string, file: Attachment): Promise<void> {
	const content = await attachmentContent(appealId, file.attachment);
	save(file.file_name || file.attachment, new Blob([content], { type: file.media_type ?? "" }));
}

export function AttachmentsPanel({ appeal }: { appeal: Appeal }) {
	const [error, setError] = useState<ApiError | undefined>();
	const files = appeal.attachments ?? [];
	if (files.length === 0) return null;
	const open = (file: Attachment): void => {
		setError(undefined);
		saveFile(appeal.appeal_id, file).catch((cause: unknown) => setError(cause instanceof ApiError ? cause : new ApiError(0, {})));
	};
	return (
		<Panel id="attachments-title" title={t("case.attachments")}>
			{files.map((file) => (
				<li key={file.attachment}>
					<button type="button" class="button" onClick={() => open(file)}>
						<span aria-hidden="true">↓</span> <bdi>{file.file_name || file.attachment}</bdi>
					</button>{" "}
					<span class="soft">{file.media_type} · {format.bytes(Number(file.bytes ?? 0))} · <When at={file.attached_at_us} /></span>
				</li>
			))}
			{error && <li><ProblemBox error={error} /></li>}
		</Panel>
	);
}

function CaseLink({ id }: { id: string }) {
	return <a href={address(`/appeals/${id}`)}><code>{shortId(id)}</code></a>;
}

export function BelongsPanel({ appeal }: { appeal: Appeal }) {
	const f = appeal.facts ?? {};
	const rows: [string, string[]][] = [
		[t("case.merged_into"), f.merged_into ? [f.merged_into] : []],
		[t("case.repeat_of"), f.repeat_of ? [f.repeat_of] : []],
		[t("case.repeats"), appeal.repeats ?? []],
		[t("case.matter"), f.matter ? [f.matter] : []],
		[t("case.same_matter"), appeal.same_matter ?? []],
	];
	const known = rows.filter(([, ids]) => ids.length > 0);
	if (known.length === 0) return null;
	return (
		<section class="panel" aria-labelledby="belongs-title">
			<h2 id="belongs-title">{t("case.belongs")}</h2>
			<dl class="facts">
				{known.map(([title, ids]) => (
					<div key={title}>
						<dt>{title}</dt>
						<dd>{ids.map((id) => <span key={id}><CaseLink id={id} /> </span>)}</dd>
					</div>
				))}
			</dl>
		</section>
	);
}
