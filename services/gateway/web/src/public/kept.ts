// Number and code go from the receipt to the next page in memory: they stand in no
// address and in no storage.
import type { Receipted } from "./types";

let kept: Receipted | undefined;

export function keep(receipt: Receipted): void {
	kept = receipt;
}

export function taken(): Receipted | undefined {
	const out = kept;
	kept = undefined;
	return out;
}
