// What can be done to a case, and what each step asks for: the rules of complaints
// (services/complaints/rules.c) as far as a page needs them to offer the right
// buttons. The service judges; this only saves the refusal.
import type { AppealState } from "../../lib/types";
import type { Field } from "../../parts/values";

type Text = "none" | "optional" | "required";

export interface Step {
	method: string;
	path: string; // below the case; {item} is what the step is about
	text: Text; // what is written with it, which is personal data
	fields?: readonly Field[];
	item?: string; // the field that names the thing that is made
}

const codes: readonly Field[] = ["kind", "topic", "element", "product", "department"].map((name) => ({ name, type: "code" }));
const due: Field = { name: "due_us", type: "time", required: true };

export const steps = {
	answer: { method: "AnswerAppeal", path: "answers", text: "required" },
	classify: { method: "ClassifyAppeal", path: "classification", text: "none", fields: codes },
	resolve: { method: "ResolveAppeal", path: "resolution", text: "required" },
	close: { method: "CloseAppeal", path: "closing", text: "none" },
	route: {
		method: "RouteAppeal",
		path: "routing",
		text: "optional",
		fields: [
			{ name: "handler", type: "handler" },
			{ name: "department", type: "code" },
			{ name: "unit", type: "unit" },
		],
	},
	investigate: { method: "InvestigateAppeal", path: "investigation", text: "optional" },
	inform: { method: "InformCustomer", path: "notices", text: "required" },
	note: { method: "NoteAppeal", path: "notes", text: "required" },
	task: {
		method: "OpenTask",
		path: "tasks",
		text: "required",
		item: "task",
		fields: [
			{ name: "unit", type: "unit" },
			{ name: "department", type: "code" },
			{ name: "due_us", type: "time" },
		],
	},
	promise: { method: "MakePromise", path: "promises", text: "required", item: "promise", fields: [{ name: "owner", type: "handler" }, due] },
	remedy: {
		method: "ProposeRemedy",
		path: "remedies",
		text: "optional",
		item: "remedy_id",
		fields: [
			{ name: "remedy", type: "code", required: true },
			{ name: "amount_minor", type: "money" },
			{ name: "currency", type: "line" },
			{ name: "verify_later", type: "check" },
		],
	},
	attach: { method: "AttachFile", path: "attachments", text: "none", item: "attachment", fields: [{ name: "content", type: "file", required: true }] },
	escalate: {
		method: "EscalateAppeal",
		path: "escalations",
		text: "required",
		fields: [
			{
				name: "level",
				type: "choice",
				required: true,
				options: ["ESCALATION_SECOND_LEVEL", "ESCALATION_MANAGEMENT", "ESCALATION_REGULATOR", "ESCALATION_MEDIA"],
			},
		],
	},
	extend: {
		method: "ExtendClock",
		path: "extensions",
		text: "required",
		fields: [
			{ name: "clock", type: "choice", required: true },
			{ name: "by", type: "number", required: true },
			{ name: "customer_notified", type: "check", required: true },
		],
	},
	pause: { method: "PauseClock", path: "pauses", text: "required", fields: [{ name: "clock", type: "choice" }] },
	resume: { method: "ResumeClock", path: "resumptions", text: "none", fields: [{ name: "clock", type: "choice" }] },
	link: { method: "LinkAppeal", path: "matter", text: "none", fields: [{ name: "matter", type: "appeal" }] },
	repeat: { method: "MarkRepeat", path: "repeat", text: "optional", fields: [{ name: "repeat_of", type: "appeal" }] },
	red_line: { method: "FlagRedLine", path: "red-line", text: "required", fields: [{ name: "red_line", type: "code", required: true }] },
	rate: { method: "RateAppeal", path: "rating", text: "optional", fields: [{ name: "rating", type: "choice", required: true, options: ["5", "4", "3", "2", "1"] }] },
	reopen: { method: "ReopenAppeal", path: "reopening", text: "required" },
	withdraw: { method: "WithdrawAppeal", path: "withdrawal", text: "optional" },
	merge: { method: "MergeAppeal", path: "merger", text: "optional", fields: [{ name: "into", type: "appeal", required: true }] },
	// Of a thing that the case holds, from where it is shown.
	settle_promise: {
		method: "SettlePromise",
		path: "promises/{item}/outcome",
		text: "optional",
		fields: [
			{ name: "state", label: "outcome", type: "choice", required: true, options: ["PROMISE_KEPT", "PROMISE_BROKEN", "PROMISE_RENEGOTIATED"] },
			{ name: "due_us", type: "time" },
		],
	},
	settle_task: {
		method: "SettleTask",
		path: "tasks/{item}/outcome",
		text: "required",
		fields: [{ name: "state", label: "outcome", type: "choice", required: true, options: ["TASK_DONE", "TASK_DECLINED"] }],
	},
	decide_remedy: {
		method: "DecideRemedy",
		path: "remedies/{item}/decision",
		text: "optional",
		fields: [{ name: "state", label: "outcome", type: "choice", required: true }],
	},
	decide_red_line: {
		method: "DecideRedLine",
		path: "red-line/decision",
		text: "required",
		fields: [{ name: "outcome", type: "choice", required: true, options: ["RED_LINE_CONFIRMED", "RED_LINE_DISMISSED"] }],
	},
} as const satisfies Record<string, Step>;

export type Action = keyof typeof steps;

export function stepOf(action: Action): Step {
	return steps[action];
}

// The steps that carry a case on, as buttons; the rest is behind "More".
const ways: Record<AppealState, readonly Action[]> = {
	APPEAL_PENDING: [],
	APPEAL_REGISTERED: ["answer", "classify", "route", "investigate", "resolve"],
	APPEAL_CLASSIFIED: ["answer", "route", "investigate", "classify", "resolve"],
	APPEAL_ROUTED: ["answer", "investigate", "route", "classify", "resolve"],
	APPEAL_INVESTIGATED: ["answer", "resolve", "route", "classify"],
	APPEAL_ANSWERED: ["resolve", "answer", "investigate", "inform", "close"],
	APPEAL_RESOLVED: ["inform", "close", "answer", "reopen"],
	APPEAL_INFORMED: ["close", "answer", "reopen"],
	APPEAL_CLOSED: ["reopen", "rate", "answer"],
	APPEAL_REOPENED: ["answer", "route", "investigate", "classify", "resolve"],
	APPEAL_WITHDRAWN: ["reopen"],
	APPEAL_MERGED: [],
};

const anyTime: readonly Action[] = ["note", "attach", "link", "repeat", "red_line"];
const whileOpen: readonly Action[] = ["task", "promise", "remedy", "escalate", "extend", "pause", "resume", "withdraw", "merge"];

// Where the case stands after a step that carries it on; undefined: as it was.
const reached: Partial<Record<Action, AppealState>> = {
	classify: "APPEAL_CLASSIFIED",
	route: "APPEAL_ROUTED",
	investigate: "APPEAL_INVESTIGATED",
	answer: "APPEAL_ANSWERED",
	resolve: "APPEAL_RESOLVED",
	inform: "APPEAL_INFORMED",
	close: "APPEAL_CLOSED",
	reopen: "APPEAL_REOPENED",
	withdraw: "APPEAL_WITHDRAWN",
	merge: "APPEAL_MERGED",
};
const order: readonly AppealState[] = [
	"APPEAL_REGISTERED", "APPEAL_CLASSIFIED", "APPEAL_ROUTED", "APPEAL_INVESTIGATED", "APPEAL_ANSWERED",
	"APPEAL_RESOLVED", "APPEAL_INFORMED", "APPEAL_CLOSED",
];

export function isOpen(state: AppealState | undefined): boolean {
	return state !== undefined && !["APPEAL_PENDING", "APPEAL_CLOSED", "APPEAL_WITHDRAWN", "APPEAL_MERGED"].includes(state);
}

export function nextState(state: AppealState | undefined, action: Action): AppealState | undefined {
	const to = reached[action];
	if (!state || !to) return state;
	// A step of an earlier part of the life leaves a case where it is.
	const [from, at] = [order.indexOf(state), order.indexOf(to)];
	return from >= 0 && at >= 0 && at < from ? state : to;
}

export function offered(state: AppealState | undefined): readonly Action[] {
	return state ? ways[state] : [];
}

export function further(state: AppealState | undefined): readonly Action[] {
	if (!state || state === "APPEAL_PENDING" || state === "APPEAL_MERGED") return [];
	const all = isOpen(state) ? [...anyTime, ...whileOpen] : anyTime;
	return all.filter((action) => !ways[state].includes(action));
}

// The step that the case waits for.
export function suggested(state: AppealState | undefined): Action | undefined {
	return offered(state)[0];
}
