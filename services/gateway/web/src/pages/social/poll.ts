// Social's log is told to no browser: what is looked at is asked again, calmly, and
// not while nobody looks.
import { useEffect, useRef } from "preact/hooks";

export const POLL_MS = 10_000;

export function usePoll(ask: () => void): void {
	const latest = useRef(ask);
	latest.current = ask;
	useEffect(() => {
		const timer = setInterval(() => {
			if (!document.hidden) latest.current();
		}, POLL_MS);
		return () => clearInterval(timer);
	}, []);
}
