// The gateway's API. Every failure comes out as ApiError with the problem that the
// gateway told; 401 ends the session for all who listen.
import { prefix } from "./router";
import type { Problem, Session } from "./types";
import { uuid } from "./uuid";

export class ApiError extends Error {
	constructor(
		readonly status: number, // 0: no answer
		readonly problem: Problem,
	) {
		super(problem.title ?? String(status));
	}
}

let csrf = "";
let onSignedOut: () => void = () => undefined;

export function whenSignedOut(listener: () => void): void {
	onSignedOut = listener;
}

export function setCsrf(session: Session | null): void {
	csrf = session?.csrf_token ?? "";
}

export type Params = Record<string, string | number | undefined>;

export function apiPath(path: string, params: Params = {}): string {
	const query = new URLSearchParams();
	for (const [key, value] of Object.entries(params))
		if (value !== undefined && value !== "") query.set(key, String(value));
	const text = query.toString();
	return `/api/v1${path}${text === "" ? "" : `?${text}`}`;
}

async function problemOf(answer: Response): Promise<Problem> {
	try {
		return (await answer.json()) as Problem;
	} catch {
		return { status: answer.status };
	}
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
	let answer: Response;
	try {
		answer = await fetch(prefix() + path, { credentials: "same-origin", ...init });
	} catch (cause) {
		if (init.signal?.aborted) throw cause;
		throw new ApiError(0, {});
	}
	if (!answer.ok) {
		const error = new ApiError(answer.status, await problemOf(answer));
		if (answer.status === 401 && !path.endsWith("/session")) onSignedOut();
		throw error;
	}
	if (answer.status === 204) return undefined as T;
	const text = await answer.text();
	return (text === "" ? undefined : JSON.parse(text)) as T;
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
	return ask<T>(path, { ...(signal ? { signal } : {}), headers: { Accept: "application/json" } });
}

// A question that is asked by POST, since it may stand in no address.
export function search<T>(path: string, body: object, signal?: AbortSignal): Promise<T> {
	return ask<T>(path, { ...(signal ? { signal } : {}), method: "POST", headers: bodyHeaders(), body: JSON.stringify(body) });
}

function bodyHeaders(): Record<string, string> {
	return {
		Accept: "application/json",
		"Content-Type": "application/json",
		...(csrf === "" ? {} : { "X-CSRF-Token": csrf }),
	};
}

function pause(ms: number): Promise<void> {
	return new Promise((done) => setTimeout(done, ms));
}

// A change. One key for all attempts: what was not answered is asked again and
// takes effect once.
export async function send<T>(
	method: "POST" | "DELETE",
	path: string,
	body?: object,
	key: string = uuid(),
): Promise<T> {
	const init: RequestInit = { method, headers: { ...bodyHeaders(), "Idempotency-Key": key } };
	if (body !== undefined) init.body = JSON.stringify(body);
	for (let attempt = 1; ; attempt++) {
		try {
			return await ask<T>(path, init);
		} catch (error) {
			const again =
				error instanceof ApiError && [0, 502, 503, 504].includes(error.status);
			if (!again || attempt === 3) throw error;
			await pause(Math.min(error.problem.retry_after_ms ?? 500 * attempt, 5000));
		}
	}
}
