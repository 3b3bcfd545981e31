// The sections of the frame: eight at most, each with its letter after g.
import type { Key } from "../i18n/i18n";
import type { Principal } from "../lib/types";

export interface Section {
	path: string;
	label: Key;
	letter: string;
	roles?: readonly string[]; // any of; none = all who are signed in
}

export const sections: readonly Section[] = [
	{ path: "/", label: "nav.overview", letter: "o" },
	{ path: "/appeals", label: "nav.appeals", letter: "a" },
	{ path: "/answers", label: "nav.answers", letter: "k" },
	{ path: "/directory", label: "nav.directory", letter: "d" },
	{ path: "/audit", label: "nav.audit", letter: "u", roles: ["auditor", "admin"] },
	{ path: "/system", label: "nav.system", letter: "s" },
	{ path: "/about", label: "nav.about", letter: "h" },
];

export function may(who: Principal, roles: readonly string[] | undefined): boolean {
	return roles === undefined || roles.some((role) => who.roles?.includes(role));
}
