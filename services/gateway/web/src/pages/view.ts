import type { Period } from "../lib/period";
import type { Principal } from "../lib/types";

// What every page is told: who looks, at which part of the tree, at which time.
export interface View {
	who: Principal;
	unit: string; // "" = all that they may see
	period: Period;
}
