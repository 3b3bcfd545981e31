// What was typed and not sent yet, by case and step. It outlives a change of page and
// of the case by somebody else. The service keeps a copy, so that it is there after a
// crash and on another desk; nothing of it is stored on this device.
import { apiPath, get, send } from "./api";
import type { ListDraftsReply } from "./types";

const drafts = new Map<string, string>();
const saving = new Map<string, ReturnType<typeof setTimeout>>();
const unsaved = new Set<string>();

// Typing pauses that long before a copy goes out.
const SAVE_MS = 1500;

export function draft(key: string): string {
	return drafts.get(key) ?? "";
}

// Where the copy is kept: the case, and the method that the text is for.
export interface Kept {
	appeal: string;
	method: string;
}

function path({ appeal, method }: Kept): string {
	return apiPath(`/appeals/${encodeURIComponent(appeal)}/drafts/${encodeURIComponent(method)}`);
}

export function setDraft(key: string, text: string, kept?: Kept): void {
	if (text === "") drafts.delete(key);
	else drafts.set(key, text);
	clearTimeout(saving.get(key));
	unsaved.delete(key);
	// A text that was sent takes its copy with it: the service sees to that.
	if (!kept || text === "") return;
	unsaved.add(key);
	const save = (): void => {
		send("POST", path(kept), { text }).then(
			() => unsaved.delete(key),
			() => undefined, // it is still here, and warned of on leaving
		);
	};
	saving.set(key, setTimeout(save, SAVE_MS));
}

// The copies of a case, for what is not typed here already. True: there was one.
export async function loadDrafts(appeal: string, keyOf: (method: string) => string | undefined): Promise<boolean> {
	const reply = await get<ListDraftsReply>(apiPath("/drafts", { appeal_id: appeal }));
	let found = false;
	for (const { kind, text } of reply.drafts ?? []) {
		const key = keyOf(kind ?? "");
		if (!key || !text || drafts.has(key)) continue;
		drafts.set(key, text);
		found = true;
	}
	return found;
}

export function dropDrafts(): void {
	for (const timer of saving.values()) clearTimeout(timer);
	drafts.clear();
	unsaved.clear();
}

window.addEventListener("beforeunload", (event) => {
	if (unsaved.size > 0) event.preventDefault();
});
