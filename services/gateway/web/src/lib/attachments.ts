import { apiPath, get } from "./api";
import { fromHex } from "./hex";
import type { GetAttachmentReply } from "./types";

// A reading of personal data, which is recorded: asked for only when it is wanted.
export async function attachmentContent(appealId: string, code: string): Promise<Uint8Array<ArrayBuffer>> {
	const path = apiPath(`/appeals/${encodeURIComponent(appealId)}/attachments/${encodeURIComponent(code)}`);
	return fromHex((await get<GetAttachmentReply>(path)).content ?? "");
}
