// Who else has this case open, and who is writing: said before two people answer.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../i18n/i18n";
import { apiPath, send } from "../../lib/api";
import type { Presence, SetPresenceReply } from "../../lib/types";

// The service takes 30 s of silence for leaving.
const TELL_MS = 10_000;

export function usePresence(appeal: string, writing: boolean): Presence[] {
	const [others, setOthers] = useState<Presence[]>([]);
	const now = useRef(writing);
	now.current = writing;
	useEffect(() => {
		const path = apiPath(`/appeals/${encodeURIComponent(appeal)}/presence`);
		let gone = false;
		const tell = (): void => {
			send<SetPresenceReply>("POST", path, { writing: now.current }).then(
				(reply) => gone || setOthers(reply.others ?? []),
				() => gone || setOthers([]), // not known is not told
			);
		};
		tell();
		const timer = setInterval(tell, TELL_MS);
		return () => {
			gone = true;
			clearInterval(timer);
			send("POST", path, { left: true }).catch(() => undefined);
		};
	}, [appeal]);
	return others;
}

export function OthersHere({ others }: { others: readonly Presence[] }) {
	if (others.length === 0) return null;
	const writing = others.filter((other) => other.writing);
	const names = (of: readonly Presence[]): string => of.map((other) => other.principal ?? "").join(", ");
	return (
		<p class={`mark ${writing.length > 0 ? "tone-warn" : "soft"}`} role="status">
			{writing.length > 0
				? <><span aria-hidden="true">✎</span> {t("presence.writing", { names: names(writing) })}</>
				: <><span aria-hidden="true">◉</span> {t("presence.here", { names: names(others) })}</>}
		</p>
	);
}
