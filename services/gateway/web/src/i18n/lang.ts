// Which language the pages speak, those of the staff and those for everybody.
import { useEffect, useState } from "preact/hooks";
import type { Label } from "../lib/types";

export type Lang = "ru" | "zh" | "en" | "xx";

export const languages: readonly { lang: Lang; name: string }[] = [
	{ lang: "ru", name: "Русский" },
	{ lang: "zh", name: "中文" },
	{ lang: "en", name: "English" },
];

let current: Lang = "en";
const listeners = new Set<() => void>();

function isLang(text: string | null | undefined): text is Lang {
	return text === "ru" || text === "zh" || text === "en" || text === "xx";
}

// What Intl knows: the pseudo-locale counts and dates as English does.
export function locale(): string {
	return current === "xx" ? "en" : current;
}

export function lang(): Lang {
	return current;
}

export function setLang(next: Lang, keep = true): void {
	if (keep && next !== "xx") localStorage.setItem("suyuan.lang", next);
	current = next;
	document.documentElement.lang = next === "zh" ? "zh-CN" : locale();
	for (const listener of listeners) listener();
}

// By the address, what was chosen here before, the account, the browser; in this order.
export function pickLang(ofAccount?: string): void {
	const asked = new URLSearchParams(window.location.search).get("lang");
	const kept = localStorage.getItem("suyuan.lang");
	const browser = navigator.languages.map((l) => l.slice(0, 2));
	const found = [asked, kept, ofAccount, ...browser].find(isLang);
	setLang(found === "xx" && asked !== "xx" ? "en" : (found ?? "en"), false);
}

export function useLang(): Lang {
	const [now, set] = useState(current);
	useEffect(() => {
		const listener = (): void => set(current);
		listeners.add(listener);
		listener();
		return () => {
			listeners.delete(listener);
		};
	}, []);
	return now;
}

// A name of the directory in the language that is nearest.
export function labelText(names: Label[] | undefined, code: string): string {
	const by = (l: string): string | undefined => names?.find((n) => n.lang === l)?.text;
	return by(locale()) ?? by("en") ?? by("ru") ?? names?.[0]?.text ?? code;
}
