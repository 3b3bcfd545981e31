// What a list shows, as CSV that a spreadsheet opens as it is: UTF-8 with a mark,
// and no cell that the program would take for a formula.

export function csvCell(value: string | number): string {
	let text = String(value);
	if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
	return /[",\r\n;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csv(rows: readonly (readonly (string | number)[])[]): string {
	return "\ufeff" + rows.map((row) => row.map(csvCell).join(",") + "\r\n").join("");
}

export function save(name: string, content: Blob): void {
	const url = URL.createObjectURL(content);
	const link = document.createElement("a");
	link.href = url;
	link.download = name;
	link.click();
	URL.revokeObjectURL(url);
}

export function download(name: string, text: string): void {
	save(name, new Blob([text], { type: "text/csv;charset=utf-8" }));
}
