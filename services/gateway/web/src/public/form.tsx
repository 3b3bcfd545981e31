// What all forms share: a field with its fault in words, the list of faults that
// takes the focus, consent, and sending that keeps what was written.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, send } from "../lib/api";
import { uuid } from "../lib/uuid";
import { say, sayOf } from "./words";

export type Faults = Record<string, string>;

const idOf = (name: string): string => `f-${name.replaceAll(".", "-")}`;

export function faultText(name: string): string {
	return sayOf("fault", name, "fault.other");
}

interface FieldProps {
	name: string;
	label: string;
	faults: Faults;
	hint?: string;
	optional?: boolean;
	// Gets what ties the control to its label, its hint and its fault.
	children: (tie: { id: string; name: string; "aria-describedby"?: string; "aria-invalid"?: "true" }) => ComponentChildren;
}

export function Field({ name, label, faults, hint, optional, children }: FieldProps) {
	const id = idOf(name);
	const fault = faults[name];
	const by = [hint ? `${id}-hint` : "", fault ? `${id}-fault` : ""].filter(Boolean).join(" ");
	return (
		<div class={fault ? "field field-bad" : "field"}>
			<label for={id}>{label}{optional && <span class="soft"> ({say("form.optional")})</span>}</label>
			{hint && <p class="soft" id={`${id}-hint`}>{hint}</p>}
			{fault && <p class="fault" id={`${id}-fault`}><span aria-hidden="true">▲</span> {fault}</p>}
			{children({ id, name, ...(by ? { "aria-describedby": by } : {}), ...(fault ? { "aria-invalid": "true" as const } : {}) })}
		</div>
	);
}

export function FaultList({ faults }: { faults: Faults }) {
	const box = useRef<HTMLDivElement>(null);
	const names = Object.keys(faults);
	useEffect(() => {
		if (names.length > 0) box.current?.focus();
	}, [faults]);
	if (names.length === 0) return null;
	return (
		<div class="box box-bad" role="alert" tabIndex={-1} ref={box}>
			<p><b><span aria-hidden="true">▲</span> {say("form.wrong", { n: names.length })}</b></p>
			<ul>
				{names.map((name) => (
					<li key={name}>
						<a href={`#${idOf(name)}`} onClick={(e) => { e.preventDefault(); document.getElementById(idOf(name))?.focus(); }}>{faults[name]}</a>
					</li>
				))}
			</ul>
		</div>
	);
}

export function ProblemLine({ text }: { text: string }) {
	return text === "" ? null : <p class="box box-bad" role="alert"><span aria-hidden="true">▲</span> {text}</p>;
}

export interface PersonValue {
	name: string;
	phone: string;
	email: string;
}
export const nobody: PersonValue = { name: "", phone: "", email: "" };

// What can be told before anything is sent.
export function personFaults(person: PersonValue, consent: boolean): string[] {
	const out: string[] = [];
	if (person.name.trim() === "") out.push("person.name");
	if (person.phone.trim() === "" && person.email.trim() === "") out.push("person.phone");
	if (!consent) out.push("consent");
	return out;
}

interface PersonProps {
	value: PersonValue;
	consent: boolean;
	website: string;
	faults: Faults;
	onChange: (value: PersonValue) => void;
	onConsent: (consent: boolean) => void;
	onWebsite: (text: string) => void;
}

export function PersonFields({ value, consent, website, faults, onChange, onConsent, onWebsite }: PersonProps) {
	return (
		<fieldset>
			<legend>{say("person.legend")}</legend>
			<Field name="person.name" label={say("person.name")} faults={faults}>
				{(tie) => <input {...tie} autocomplete="name" maxLength={200} value={value.name} onInput={(e) => onChange({ ...value, name: e.currentTarget.value })} />}
			</Field>
			<Field name="person.phone" label={say("person.phone")} hint={say("person.contact")} faults={faults}>
				{(tie) => <input {...tie} type="tel" autocomplete="tel" maxLength={40} value={value.phone} onInput={(e) => onChange({ ...value, phone: e.currentTarget.value })} />}
			</Field>
			<Field name="person.email" label={say("person.email")} faults={faults}>
				{(tie) => <input {...tie} type="email" autocomplete="email" maxLength={200} value={value.email} onInput={(e) => onChange({ ...value, email: e.currentTarget.value })} />}
			</Field>
			<div class={faults["consent"] ? "field field-bad" : "field"}>
				{faults["consent"] && <p class="fault" id="f-consent-fault"><span aria-hidden="true">▲</span> {faults["consent"]}</p>}
				<label class="check">
					<input id="f-consent" type="checkbox" checked={consent} {...(faults["consent"] ? { "aria-describedby": "f-consent-fault" } : {})} onChange={(e) => onConsent(e.currentTarget.checked)} />
					<span>{say("form.consent")}</span>
				</label>
			</div>
			<div class="trap" aria-hidden="true">
				<label>{say("form.website")}<input name="website" tabIndex={-1} autocomplete="off" value={website} onInput={(e) => onWebsite(e.currentTarget.value)} /></label>
			</div>
		</fieldset>
	);
}

export function problemText(error: ApiError): string {
	if (error.status === 0) return say("problem.offline");
	return say([403, 429, 503, 504].includes(error.status) ? "problem.busy" : "problem.other");
}

// The gateway lets an address change something twice a second, which a quick hand and
// its neighbours exceed: that is waited for, not told.
async function patiently<T>(path: string, body: object, key: string): Promise<T | undefined> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await send<T | undefined>("POST", path, body, key);
		} catch (error) {
			if (!(error instanceof ApiError) || error.status !== 429 || attempt === 6) throw error;
			await new Promise((done) => setTimeout(done, Math.min(error.problem.retry_after_ms ?? 500, 2000) + 50));
		}
	}
}

// One key for what is sent: pressed twice, it takes effect once; changed, it is another.
export function useSending() {
	const [busy, setBusy] = useState(false);
	const [faults, setFaults] = useState<Faults>({});
	const [problem, setProblem] = useState("");
	const last = useRef({ body: "", key: "" });

	const name = (names: string[]): void => setFaults(Object.fromEntries(names.map((n) => [n, faultText(n)])));
	const post = async <T,>(path: string, body: object): Promise<T | undefined> => {
		const text = path + JSON.stringify(body);
		if (last.current.body !== text) last.current = { body: text, key: uuid() };
		setBusy(true);
		setFaults({});
		setProblem("");
		try {
			return (await patiently<T>(`/api/v1/public${path}`, body, last.current.key)) ?? ({} as T);
		} catch (cause) {
			const error = cause instanceof ApiError ? cause : new ApiError(0, {});
			const told = error.problem.pointer?.slice(1).replaceAll("/", ".") ?? "";
			// One field of the form is three of the message.
			const field = told === "media_type" || told === "file_name" ? "content" : told;
			if (field !== "" && [400, 404, 409, 413, 422].includes(error.status)) name([field]);
			else setProblem(problemText(error));
			return undefined;
		} finally {
			setBusy(false);
		}
	};
	return { busy, faults, problem, name, post };
}

export function SendButton({ busy, children }: { busy: boolean; children: ComponentChildren }) {
	return <button class="main" disabled={busy}>{busy ? say("form.sending") : children}</button>;
}

// Number and code: shown once.
export function Receipt({ title, number, code, children }: { title: string; number: string; code: string; children?: ComponentChildren }) {
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => heading.current?.focus(), []);
	return (
		<section class="receipt">
			<h2 tabIndex={-1} ref={heading}><span aria-hidden="true">✓</span> {title}</h2>
			<dl>
				<div><dt>{say("done.number")}</dt><dd><code>{number}</code></dd></div>
				<div><dt>{say("done.code")}</dt><dd><code>{code}</code></dd></div>
			</dl>
			<p>{say("done.keep")}</p>
			{children}
		</section>
	);
}
