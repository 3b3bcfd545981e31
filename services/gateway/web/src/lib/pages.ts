// A list that comes page by page: each answer names where the next one begins.
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, get, search } from "./api";

interface Page<Row> {
	rows: Row[];
	next: string;
}

export interface Paged<Row> {
	rows: Row[] | undefined; // undefined: the first page is not there yet
	more: boolean;
	busy: boolean;
	error: ApiError | undefined;
	next: () => void;
	reload: () => void;
	change: (edit: (row: Row) => Row) => void;
}

// With asked, the question is a body and no part of an address: it holds words of
// customers, which no log of an address may see.
export function usePaged<Reply, Row>(
	path: string,
	read: (reply: Reply) => Page<Row>,
	parameter: string | ((next: string) => string) = "cursor", // or what stands for it in the query
	asked?: Record<string, unknown>,
): Paged<Row> {
	const question = asked === undefined ? path : path + JSON.stringify(asked);
	const [state, setState] = useState<{ path: string; rows: Row[]; next: string } | undefined>();
	const [error, setError] = useState<ApiError | undefined>();
	const [busy, setBusy] = useState(true);
	const running = useRef<AbortController | null>(null);

	// The rows of the question before stay until the new ones are there.
	const load = (cursor: string, before: Row[]): void => {
		running.current?.abort();
		const abort = new AbortController();
		running.current = abort;
		setBusy(true);
		setError(undefined);
		const query = typeof parameter === "string" ? `${parameter}=${encodeURIComponent(cursor)}` : parameter(cursor);
		const from = `${path.includes("?") ? "&" : "?"}${query}`;
		const answer = asked
			? search<Reply>(path, cursor === "" ? asked : { ...asked, [String(parameter)]: cursor }, abort.signal)
			: get<Reply>(cursor === "" ? path : path + from, abort.signal);
		answer.then(
			(reply) => {
				if (abort.signal.aborted) return;
				const page = read(reply);
				setState({ path: question, rows: [...before, ...page.rows], next: page.next });
				setBusy(false);
			},
			(cause: unknown) => {
				if (abort.signal.aborted) return;
				setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
				setBusy(false);
			},
		);
	};
	useEffect(() => {
		load("", []);
		return () => running.current?.abort();
	}, [question]);

	return {
		rows: state?.rows,
		more: state !== undefined && state.path === question && state.next !== "",
		busy,
		error,
		next: () => {
			if (state && !busy) load(state.next, state.rows);
		},
		reload: () => load("", []),
		change: (edit) => setState((s) => s && { ...s, rows: s.rows.map(edit) }),
	};
}
