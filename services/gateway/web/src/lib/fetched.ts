// Data of a page by the address it comes from. What was shown stays until the new
// is there, so that nothing jumps; what was seen before is there at once.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiError, get } from "./api";

interface Kept {
	data: unknown;
	at: number;
}

// Enough for going back through a morning's work.
const KEPT_MAX = 100;
const kept = new Map<string, Kept>();

function keep(path: string, data: unknown): void {
	kept.delete(path);
	kept.set(path, { data, at: Date.now() });
	for (const oldest of kept.keys()) {
		if (kept.size <= KEPT_MAX) break;
		kept.delete(oldest);
	}
}

export function forgetAll(): void {
	kept.clear();
}

export interface Fetched<T> {
	data: T | undefined; // of this path
	before: T | undefined; // of this path, or the one shown before it
	at: number; // when data came, ms
	error: ApiError | undefined;
	busy: boolean;
	reload: () => void;
	put: (data: T) => void;
}

// path null: nothing is asked.
export function useFetched<T>(path: string | null): Fetched<T> {
	const [, render] = useState(0);
	const [round, setRound] = useState(0);
	const state = useRef<{ path: string | null; error: ApiError | undefined; busy: boolean }>({
		path: null,
		error: undefined,
		busy: false,
	});
	const last = useRef<T | undefined>(undefined);
	const reload = useCallback(() => setRound((n) => n + 1), []);

	if (state.current.path !== path) state.current = { path, error: undefined, busy: path !== null };

	useEffect(() => {
		if (path === null) return;
		const abort = new AbortController();
		state.current.busy = true;
		get<T>(path, abort.signal).then(
			(data) => {
				keep(path, data);
				if (abort.signal.aborted) return;
				state.current = { path, error: undefined, busy: false };
				render((n) => n + 1);
			},
			(error: unknown) => {
				if (abort.signal.aborted) return;
				const told = error instanceof ApiError ? error : new ApiError(0, {});
				state.current = { path, error: told, busy: false };
				render((n) => n + 1);
			},
		);
		return () => abort.abort();
	}, [path, round]);

	const found = path === null ? undefined : kept.get(path);
	const data = found?.data as T | undefined;
	if (data !== undefined) last.current = data;
	return {
		data,
		before: data ?? last.current,
		at: found?.at ?? 0,
		error: state.current.error,
		busy: state.current.busy,
		reload,
		put: (next) => {
			if (path !== null) keep(path, next);
			render((n) => n + 1);
		},
	};
}
