// Addresses of the pages: history routing below the path prefix that <base> says.
// What a view shows stands in its address, so that each can be sent as a link;
// scope and period hold across pages.
import { useEffect, useState } from "preact/hooks";

export type Query = Record<string, string>;
export interface Place {
	path: string;
	query: Query;
}

const listeners = new Set<() => void>();

// "" or "/prefix", without the last slash.
export function prefix(): string {
	return new URL(document.baseURI).pathname.replace(/\/[^/]*$/, "");
}

export function here(): Place {
	const { pathname, search } = window.location;
	const root = prefix();
	const path = pathname.startsWith(root) ? pathname.slice(root.length) : pathname;
	return { path: path === "" ? "/" : path, query: Object.fromEntries(new URLSearchParams(search)) };
}

// The parameters that hold from page to page.
const held = ["unit", "period", "lang"];

export function address(path: string, change: Query = {}, keep: "held" | "all" = "held"): string {
	const now = here().query;
	const query = new URLSearchParams();
	for (const [key, value] of Object.entries(now))
		if (keep === "all" || held.includes(key)) query.set(key, value);
	for (const [key, value] of Object.entries(change))
		if (value === "") query.delete(key);
		else query.set(key, value);
	const text = query.toString();
	return prefix() + path + (text === "" ? "" : `?${text}`);
}

function tell(): void {
	for (const listener of listeners) listener();
}

export function go(href: string, how: "push" | "replace" = "push"): void {
	if (how === "push") window.history.pushState(null, "", href);
	else window.history.replaceState(null, "", href);
	tell();
}

// Changes parameters of this page; empty values take them out.
export function setQuery(change: Query, how: "push" | "replace" = "push"): void {
	go(address(here().path, change, "all"), how);
}

export function usePlace(): Place {
	const [place, setPlace] = useState(here);
	useEffect(() => {
		const listener = (): void => setPlace(here());
		listeners.add(listener);
		listener();
		return () => {
			listeners.delete(listener);
		};
	}, []);
	return place;
}

// Links inside the pages change the address without loading; all others, and those
// with a key held down, are the browser's.
function followed(event: MouseEvent): void {
	if (event.defaultPrevented || event.button !== 0) return;
	if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
	const link = (event.target as Element | null)?.closest("a");
	if (!link || link.target !== "" || link.hasAttribute("download")) return;
	const url = new URL(link.href, document.baseURI);
	if (url.origin !== window.location.origin) return;
	if (!url.pathname.startsWith(prefix() + "/") || url.pathname.includes("/api/")) return;
	event.preventDefault();
	go(url.pathname + url.search);
}

export function startRouter(): void {
	window.addEventListener("popstate", tell);
	document.addEventListener("click", followed);
}

let invited = "";

export function inviteCode(): string {
	return invited;
}

// The code of an invitation comes behind #, which no server's log sees; it leaves
// the address, and so the history, at once.
export function takeInvite(): void {
	const fromHash = /^#\/invite\/([^/?#]+)/.exec(window.location.hash)?.[1];
	const fromPath = /^\/invite\/([^/]+)$/.exec(here().path)?.[1];
	const code = fromHash ?? fromPath;
	if (code === undefined) return;
	invited = decodeURIComponent(code);
	go(`${prefix()}/invite`, "replace");
}
