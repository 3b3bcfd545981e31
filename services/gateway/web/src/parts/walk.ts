// j and k go down and up the rows of a list: the focus moves from link to link, so
// that Enter opens and everything else works as with Tab.
export function walk(list: HTMLElement | null, step: 1 | -1): void {
	const links = [...(list?.querySelectorAll<HTMLElement>("[data-row] th a") ?? [])];
	const at = links.findIndex((link) => link === document.activeElement);
	const to = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
	links[Math.max(0, Math.min(links.length - 1, to))]?.focus();
}
