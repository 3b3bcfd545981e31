// The sections of the frame: eight at most, each with its letter after g.
import type { Key } from "../i18n/i18n";
import type { Principal } from "../lib/types";

export interface Section {
	path: string;
	label: Key;
	letter: string;
	roles?: readonly string[]; // any of; none = all who are signed in
	also?: string; // addresses below it belong here too, unless they have a section
}

export const sections: readonly Section[] = [
	{ path: "/", label: "nav.overview", letter: "o", roles: ["reader", "handler"], also: "/report" },
	{ path: "/appeals", label: "nav.appeals", letter: "a", roles: ["reader", "handler"], also: "/visits" },
	{ path: "/social", label: "nav.social", letter: "l", roles: ["reader", "handler"] },
	{ path: "/answers", label: "nav.answers", letter: "k", roles: ["reader", "handler", "admin"] },
	{ path: "/directory", label: "nav.directory", letter: "d" },
	{ path: "/audit", label: "nav.audit", letter: "u", roles: ["auditor", "admin"], also: "/privacy" },
	{ path: "/privacy", label: "nav.privacy", letter: "p", roles: ["privacy"] },
	{ path: "/system", label: "nav.system", letter: "s" },
	{ path: "/about", label: "nav.about", letter: "h" },
];

// Where somebody begins, since not everybody may see figures: what is theirs alone
// before what is for all.
export function home(who: Principal): string {
	const shown = sections.filter((section) => may(who, section.roles));
	return (shown.find((section) => section.roles) ?? shown[0])?.path ?? "/";
}

export function may(who: Principal, roles: readonly string[] | undefined): boolean {
	return roles === undefined || roles.some((role) => who.roles?.includes(role));
}
