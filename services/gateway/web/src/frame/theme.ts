// Light or dark: as the system says, until somebody chooses.
export type Theme = "auto" | "light" | "dark";

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

export function theme(): Theme {
	const kept = localStorage.getItem("suyuan.theme");
	return kept === "light" || kept === "dark" ? kept : "auto";
}

function apply(): void {
	const chosen = theme();
	const shown = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
	document.documentElement.dataset["theme"] = shown;
	for (const listener of listeners) listener();
}

export function setTheme(next: Theme): void {
	if (next === "auto") localStorage.removeItem("suyuan.theme");
	else localStorage.setItem("suyuan.theme", next);
	apply();
}

export function startTheme(): void {
	dark.addEventListener("change", apply);
	apply();
}

// For what is painted and cannot follow the style sheet by itself.
export function onTheme(listener: () => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}
