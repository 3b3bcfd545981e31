// What can be done to a case, and what it would become: the rules of complaints
// (services/complaints/rules.c) as far as a page needs them to offer the right
// buttons. The service judges; this only saves the refusal.
import type { AppealState } from "../../lib/types";

export type Action = "classify" | "answer" | "resolve" | "close";
export const actions: readonly Action[] = ["answer", "classify", "resolve", "close"];

export const paths: Record<Action, string> = {
	classify: "classification",
	answer: "answers",
	resolve: "resolution",
	close: "closing",
};

type Next = Partial<Record<Action, AppealState>>;
const life: Record<AppealState, Next> = {
	APPEAL_PENDING: {},
	APPEAL_REGISTERED: {
		answer: "APPEAL_ANSWERED",
		classify: "APPEAL_CLASSIFIED",
		resolve: "APPEAL_RESOLVED",
	},
	APPEAL_CLASSIFIED: {
		answer: "APPEAL_ANSWERED",
		classify: "APPEAL_CLASSIFIED",
		resolve: "APPEAL_RESOLVED",
	},
	APPEAL_ANSWERED: {
		answer: "APPEAL_ANSWERED",
		classify: "APPEAL_ANSWERED",
		resolve: "APPEAL_RESOLVED",
		close: "APPEAL_CLOSED",
	},
	APPEAL_RESOLVED: {
		answer: "APPEAL_RESOLVED",
		classify: "APPEAL_RESOLVED",
		close: "APPEAL_CLOSED",
	},
	APPEAL_CLOSED: { answer: "APPEAL_CLOSED" },
};

export function nextState(state: AppealState | undefined, action: Action): AppealState | undefined {
	return state && life[state]?.[action];
}

export function offered(state: AppealState | undefined): Action[] {
	return actions.filter((action) => nextState(state, action) !== undefined);
}

// The step that the case waits for.
export function suggested(state: AppealState | undefined): Action | undefined {
	if (state === "APPEAL_ANSWERED") return "resolve";
	if (state === "APPEAL_RESOLVED") return "close";
	return offered(state)[0];
}
