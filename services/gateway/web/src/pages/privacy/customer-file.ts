// All that is kept of a customer as one archive: the cases as they come, and what was
// attached to them.
import { strToU8, zipSync, type Zippable } from "fflate";
import type { Appeal, Attachment } from "../../lib/types";

const STEM_MAX = 60;

// What somebody has named a file as a name that any system can store.
export function fileName(name: string): string {
	const clean = name.replace(/[\p{C}/\\:*?"<>|]/gu, "_").replace(/^[.\s]+|[.\s]+$/g, "");
	const dot = clean.lastIndexOf(".");
	const end = dot > 0 && clean.length - dot <= 10 ? dot : clean.length;
	return [...clean.slice(0, end)].slice(0, STEM_MAX).join("") + clean.slice(end);
}

interface Attached {
	appeal: Appeal;
	attachment: Attachment;
	path: string; // below its case; its code is unique there
}

export function attached(appeals: readonly Appeal[]): Attached[] {
	return appeals.flatMap((appeal) =>
		(appeal.attachments ?? []).map((attachment) => ({
			appeal,
			attachment,
			path: `files/${appeal.appeal_id}/${fileName(`${attachment.attachment}-${attachment.file_name ?? ""}`)}`,
		})),
	);
}

// contents: of what is attached, in that order.
export function customerFile(kept: { appeals: Appeal[] }, contents: readonly Uint8Array[], at: Date): Uint8Array<ArrayBuffer> {
	const files = attached(kept.appeals);
	const appeals = kept.appeals.map((appeal) => ({
		...appeal,
		attachments: files.filter((file) => file.appeal === appeal).map((file) => ({ ...file.attachment, path: file.path })),
	}));
	const json = JSON.stringify({ exported_at: at.toISOString(), ...kept, appeals }, null, "\t");
	const entries: Zippable = { "customer.json": strToU8(json) };
	files.forEach((file, i) => (entries[file.path] = contents[i] ?? new Uint8Array()));
	return zipSync(entries, { mtime: at }) as Uint8Array<ArrayBuffer>;
}
