// Names of codes: terms and units as the directory has them, the code where it has
// none. Both are asked for once and kept until sign-out.
import { labelText } from "../i18n/i18n";
import { apiPath } from "./api";
import { useFetched } from "./fetched";
import type { GetUnitReply, ListDepartmentsReply, ListTermsReply, ListUnitsReply, Principal, Unit } from "./types";

export type NameOf = (code: string | undefined) => string;

export function useTerms(taxonomy: string): { codes: string[]; name: NameOf } {
	const { data } = useFetched<ListTermsReply>(apiPath("/terms", { taxonomy }));
	const terms = data?.terms ?? [];
	return {
		codes: terms.map((term) => term.code),
		name: (code) =>
			labelText(terms.find((term) => term.code === code)?.names, code ?? ""),
	};
}

export function useDepartments(): { codes: string[]; name: NameOf } {
	const { data } = useFetched<ListDepartmentsReply>(apiPath("/departments"));
	const all = data?.departments ?? [];
	return {
		codes: all.map((d) => d.code),
		name: (code) => labelText(all.find((d) => d.code === code)?.names, code ?? ""),
	};
}

export function unitName(unit: Unit | undefined, code: string): string {
	return labelText(unit?.names, code);
}

// code "" or null: none.
export function useUnit(code: string | null): GetUnitReply | undefined {
	const path = code ? apiPath(`/units/${encodeURIComponent(code)}`) : null;
	return useFetched<GetUnitReply>(path).data;
}

// The unit at the top of what is shown: the scope, what the account may see, or the
// one root that most organisations have. "": there are several.
export function useRoot(unit: string, who: Principal): string {
	const given = unit || who.unit || "";
	const path = given === "" ? apiPath("/units", { limit: 2 }) : null;
	const roots = useFetched<ListUnitsReply>(path).data?.units ?? [];
	return given === "" && roots.length === 1 ? (roots[0]?.code ?? "") : given;
}

export function useChildren(parent: string): { units: Unit[]; name: NameOf; more: boolean } {
	const { before } = useFetched<ListUnitsReply>(apiPath("/units", { parent, limit: 500 }));
	const units = before?.units ?? [];
	return {
		units,
		name: (code) => unitName(units.find((unit) => unit.code === code), code ?? ""),
		more: (before?.next_code ?? "") !== "",
	};
}
