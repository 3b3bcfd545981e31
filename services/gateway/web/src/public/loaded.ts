// What a page reads from the gateway: not there yet, there, or not to be had.
import { useEffect, useState } from "preact/hooks";
import { ApiError, get, type Params, apiPath } from "../lib/api";

export interface Loaded<T> {
	data?: T;
	error?: ApiError;
}

// again: another number reads anew.
export function useLoaded<T>(path: string, params: Params = {}, again = 0): Loaded<T> {
	const address = path === "" ? "" : apiPath(`/public${path}`, params);
	const [state, setState] = useState<Loaded<T>>({});
	useEffect(() => {
		if (address === "") return undefined;
		const stop = new AbortController();
		setState({});
		get<T>(address, stop.signal).then(
			(data) => setState({ data }),
			(cause: unknown) => {
				if (!stop.signal.aborted) setState({ error: cause instanceof ApiError ? cause : new ApiError(0, {}) });
			},
		);
		return () => stop.abort();
	}, [address, again]);
	return state;
}
