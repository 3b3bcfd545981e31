// What was typed and not sent yet, by case and action. It outlives a change of page
// and of the case by somebody else; it is personal data, so it stays in memory.
const drafts = new Map<string, string>();

export function draft(key: string): string {
	return drafts.get(key) ?? "";
}

export function setDraft(key: string, text: string): void {
	if (text === "") drafts.delete(key);
	else drafts.set(key, text);
}

export function dropDrafts(): void {
	drafts.clear();
}

window.addEventListener("beforeunload", (event) => {
	if (drafts.size > 0) event.preventDefault();
});
