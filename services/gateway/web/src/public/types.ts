// The JSON of the public routes, as lib/types.ts has that of the others.
import type { Label } from "../lib/types";

export interface Choice {
	code: string;
	names?: Label[];
	lead_days?: number;
	lead_working_days?: boolean;
}
export interface Choices {
	kinds?: Choice[];
	topics?: Choice[];
	activities?: Choice[];
	services?: Choice[];
}
export interface Receipted {
	number: string;
	code: string;
}
export interface Followed {
	number: string;
	state?: string;
	topic?: string;
	kind_names?: Label[];
	topic_names?: Label[];
	unit_names?: Label[];
	unit?: string;
	lodged_at_us?: string;
	steps?: { step: string; names?: Label[]; state?: string; due_us?: string; done_at_us?: string }[];
	words?: { kind?: string; at_us: string; text?: string; own?: boolean }[];
	promises?: { text?: string; due_us?: string; state?: string }[];
	outside_appeal_until_us?: string;
	outside_appeal_texts?: Label[];
	may_add?: boolean;
	may_withdraw?: boolean;
	may_reopen?: boolean;
	may_rate?: boolean;
}
export interface Centre {
	unit: string;
	names?: Label[];
	open?: boolean;
	planned_day?: string;
	addresses?: Label[];
	phone?: string;
	email?: string;
	services?: string[];
	booked?: string[];
	days?: { day: string; hours?: { from_minute?: number; to_minute?: number }[] }[];
}
export interface Slot {
	day: string;
	minute?: number;
	minutes?: number;
	free?: number;
}
export interface FaqEntry {
	code: string;
	parent?: string;
	lang?: string;
	title?: string;
	body?: string;
	changed_at_us?: string;
}
