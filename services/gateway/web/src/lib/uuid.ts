// Short enough for a list: the end of an id, since all of a day begin alike.
export function shortId(id: string): string {
	return id.slice(-12);
}

// A random UUID. crypto.randomUUID is there only over https and on loopback;
// offices reach the pages over plain http in networks of their own too.
export function uuid(): string {
	const b = crypto.getRandomValues(new Uint8Array(16));
	b[6] = ((b[6] ?? 0) & 0x0f) | 0x40;
	b[8] = ((b[8] ?? 0) & 0x3f) | 0x80;
	const hex = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
	return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
