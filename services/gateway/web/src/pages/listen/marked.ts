// Text with places marked, as the service counts them: in bytes of UTF-8. And how sure
// a share is that was counted by hand.

export interface Place {
	begin?: number;
	end?: number;
}
export interface Part<P extends Place> {
	text: string;
	place?: P; // what is marked here
}

// The pieces of a text, in order and together all of it. Of places that overlap the
// first one stands; one that lies beyond the text marks nothing.
export function partsOf<P extends Place>(text: string, places: readonly P[]): Part<P>[] {
	const bytes = new TextEncoder().encode(text);
	const decoder = new TextDecoder();
	const parts: Part<P>[] = [];
	let at = 0;
	const take = (end: number, place?: P): void => {
		if (end <= at) return;
		const piece = decoder.decode(bytes.subarray(at, end));
		parts.push(place ? { text: piece, place } : { text: piece });
		at = end;
	};
	for (const place of [...places].sort((a, b) => (a.begin ?? 0) - (b.begin ?? 0))) {
		const [begin, end] = [place.begin ?? 0, Math.min(place.end ?? 0, bytes.length)];
		if (begin < at || end <= begin) continue;
		take(begin);
		take(end, place);
	}
	take(bytes.length);
	return parts;
}

// The part of a text that holds the first marked place and some words around it.
export function around<P extends Place>(parts: readonly Part<P>[], most: number): Part<P>[] {
	const first = parts.findIndex((part) => part.place);
	const out: Part<P>[] = [];
	let room = most;
	for (const part of parts.slice(Math.max(0, first - 1))) {
		if (room <= 0) break;
		const leads = out.length === 0 && first > 0;
		const chars = [...part.text];
		const keep = leads ? Math.floor(most / 3) : room;
		if (chars.length <= keep) out.push(part);
		else out.push({ ...part, text: leads ? `… ${chars.slice(-keep).join("")}` : `${chars.slice(0, keep).join("")} …` });
		room -= Math.min(chars.length, keep);
	}
	return out;
}

// Wilson's interval of 95 % for a share that was counted in n.
export function wilson(hits: number, n: number): { low: number; high: number } {
	if (n === 0) return { low: 0, high: 1 };
	const z2 = 1.959964 ** 2;
	const share = hits / n;
	const middle = (share + z2 / (2 * n)) / (1 + z2 / n);
	const half = Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n)) * (Math.sqrt(z2) / (1 + z2 / n));
	return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

// Hours since 1970 as a time.
export function hourTime(hour: string): string {
	return new Date(Number(hour) * 3_600_000).toISOString();
}

// A place in a text by its characters from 1, as its index in JavaScript's units.
export function indexOfColumn(text: string, column: number): number {
	return [...text].slice(0, Math.max(0, column - 1)).join("").length;
}

// What a score says beside that of the model in use, on the same texts. The interval is
// that of the new one; without one in use there is nothing to compare.
export type Verdict = "better" | "worse" | "alike" | "unknown";

export function verdict(score: { f1_low?: number; f1_high?: number; f1_in_use?: number }): Verdict {
	const { f1_low = 0, f1_high = 0, f1_in_use = 0 } = score;
	if (f1_in_use < 0) return "unknown";
	if (f1_low > f1_in_use) return "better";
	return f1_high < f1_in_use ? "worse" : "alike";
}
