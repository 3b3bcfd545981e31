import { useEffect, useState } from "preact/hooks";

// The time, for clocks that run while somebody looks.
export function useNow(everyMs = 30_000): number {
	const [now, set] = useState(Date.now());
	useEffect(() => {
		const timer = setInterval(() => set(Date.now()), everyMs);
		return () => clearInterval(timer);
	}, [everyMs]);
	return now;
}
