// The keyboard: "/" to the search, "?" the list of keys, g and a letter to a section.
// A page adds its own with useKeys. Nothing is taken from a field that is typed in,
// nor from the browser's own combinations.
import { useLayoutEffect, useRef } from "preact/hooks";

export type KeyMap = Record<string, () => void>;

function typing(target: EventTarget | null): boolean {
	return (
		target instanceof HTMLElement &&
		(target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
	);
}

// Keys of a map are `key` values, or "g x" for two in a row within 1.5 s.
// Listened to as soon as what they act on is shown: who types fast loses none.
export function useKeys(map: KeyMap): void {
	const latest = useRef(map);
	latest.current = map;
	useLayoutEffect(() => {
		let first = "";
		let at = 0;
		const pressed = (event: KeyboardEvent): void => {
			if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
			if (document.querySelector("dialog[open]")) return;
			const two = Date.now() - at < 1500 ? `${first} ${event.key}` : "";
			first = event.key;
			at = Date.now();
			const action = latest.current[two] ?? latest.current[event.key];
			if (!action || event.defaultPrevented) return;
			event.preventDefault();
			first = "";
			action();
		};
		document.addEventListener("keydown", pressed);
		return () => document.removeEventListener("keydown", pressed);
	}, []);
}
