// What happens, as it happens: one stream of events for all of the page. The
// browser reconnects by itself and goes on after the last event it saw.
import { useEffect, useRef, useState } from "preact/hooks";
import { prefix } from "./router";
import type { CloudEvent } from "./types";

export type LiveState = "connecting" | "open" | "lost";
type Listener = (event: CloudEvent) => void;

const types = [
	"message",
	"AppealRegistered",
	"AppealClassified",
	"AppealAnswered",
	"AppealResolved",
	"AppealClosed",
	"AppealRouted",
	"AppealInvestigated",
	"CustomerInformed",
	"AppealReopened",
	"AppealWithdrawn",
	"AppealEscalated",
	"AppealMerged",
	"AppealNoted",
	"AppealRated",
	"ClockPaused",
	"ClockResumed",
	"ClockExtended",
	"ClockWarned",
	"ClockBreached",
	"PromiseMade",
	"PromiseSettled",
	"PromiseOverdue",
	"RemedyProposed",
	"RemedyDecided",
	"TaskOpened",
	"TaskSettled",
	"TaskOverdue",
	"AppealLinked",
	"RepeatMarked",
	"RedLineFlagged",
	"RedLineDecided",
	"FileAttached",
	"LookupKept",
	"AppealFactKept",
	"AppealFactRefused",
];

const listeners = new Set<Listener>();
const watchers = new Set<() => void>();
let source: EventSource | null = null;
let state: LiveState = "connecting";
let retry: ReturnType<typeof setTimeout> | undefined;

function setState(next: LiveState): void {
	if (next === state) return;
	state = next;
	for (const watcher of watchers) watcher();
}

function received(message: MessageEvent<string>): void {
	let event: CloudEvent;
	try {
		event = JSON.parse(message.data) as CloudEvent;
	} catch {
		return;
	}
	for (const listener of listeners) listener(event);
}

export function startLive(): void {
	if (source) return;
	const opened = new EventSource(`${prefix()}/api/v1/events?stream=complaints`);
	source = opened;
	// The place to go on from is gone: what came between is not told.
	opened.addEventListener("reset", () => {
		for (const listener of listeners) listener({ type: "reset" });
	});
	for (const type of types) opened.addEventListener(type, received as EventListener);
	opened.onopen = () => setState("open");
	opened.onerror = () => {
		setState("lost");
		// After a refusal the browser does not try again by itself.
		if (opened.readyState === EventSource.CLOSED) {
			source = null;
			retry = setTimeout(startLive, 15_000);
		}
	};
}

export function stopLive(): void {
	clearTimeout(retry);
	source?.close();
	source = null;
	setState("connecting");
}

export function useLiveState(): LiveState {
	const [now, set] = useState(state);
	useEffect(() => {
		const watcher = (): void => set(state);
		watchers.add(watcher);
		watcher();
		return () => {
			watchers.delete(watcher);
		};
	}, []);
	return now;
}

export function useEvents(listener: Listener): void {
	const latest = useRef(listener);
	latest.current = listener;
	useEffect(() => {
		const heard: Listener = (event) => latest.current(event);
		listeners.add(heard);
		return () => {
			listeners.delete(heard);
		};
	}, []);
}

// How many appeals came since reset; told at most once a second.
export function useNewAppeals(): { fresh: number; reset: () => void } {
	const total = useRef(0);
	const [fresh, setFresh] = useState(0);
	useEvents((event) => {
		if (event.type?.endsWith("AppealRegistered")) total.current++;
	});
	useEffect(() => {
		const timer = setInterval(() => setFresh(total.current), 1000);
		return () => clearInterval(timer);
	}, []);
	return {
		fresh,
		reset: () => {
			total.current = 0;
			setFresh(0);
		},
	};
}
