// One polite live region for all pages: what changed without the reader's doing.
let region: HTMLElement | null = null;

export function setRegion(element: HTMLElement | null): void {
	region = element;
}

export function announce(text: string): void {
	if (region) region.textContent = text;
}
