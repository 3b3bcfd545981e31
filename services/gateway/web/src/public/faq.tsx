import { useState } from "preact/hooks";
import { locale } from "../i18n/lang";
import { address, setQuery, usePlace } from "../lib/router";
import { useLoaded } from "./loaded";
import { below, questionsOf, sectionsOf } from "./sections";
import type { FaqEntry } from "./types";
import { Wait } from "./wait";
import { dateText, say } from "./words";

function Article({ code }: { code: string }) {
	const loaded = useLoaded<{ entry?: FaqEntry }>(`/faq/${encodeURIComponent(code)}`, { lang: locale() });
	const other = useLoaded<{ entry?: FaqEntry }>(loaded.error?.status === 404 ? `/faq/${encodeURIComponent(code)}` : "");
	const entry = loaded.data?.entry ?? other.data?.entry;
	if (!entry) return <Wait of={loaded.error?.status === 404 ? other : loaded} />;
	return (
		<article lang={entry.lang}>
			<h2>{entry.title}</h2>
			{(entry.body ?? "").split(/\n\s*\n/).map((p, i) => <p key={i} class="text">{p}</p>)}
		</article>
	);
}

export function FaqPage() {
	const { query } = usePlace();
	const asked = query["text"] ?? "";
	const code = query["entry"] ?? "";
	const [text, setText] = useState(asked);
	const found = useLoaded<{ entries?: FaqEntry[] }>(asked ? "/faq/search" : "/faq", asked ? { text: asked } : { lang: locale() });
	if (code)
		return (
			<>
				<Article code={code} />
				<p><a href={address("/public/faq")}>{say("faq.back")}</a></p>
			</>
		);
	const told = found.data?.entries ?? [];
	const entries = asked ? told : questionsOf(told);
	return (
		<>
			<form role="search" onSubmit={(e) => { e.preventDefault(); setQuery({ text: text.trim() }); }}>
				<div class="field">
					<label for="f-faq">{say("faq.search")}</label>
					<input id="f-faq" type="search" maxLength={100} value={text} onInput={(e) => setText(e.currentTarget.value)} />
				</div>
				<button class="main">{say("faq.go")}</button>
			</form>
			{!found.data && <Wait of={found} />}
			{found.data && entries.length === 0 && <p role="status">{say("faq.none")}{" "}<a href={address("/public/ask")}>{say("home.ask")}</a></p>}
			<ul class="cards">
				{entries.map((e) => <li key={e.code + (e.lang ?? "")} lang={e.lang}><a href={address("/public/faq", { entry: e.code })}>{e.title ?? e.code}</a></li>)}
			</ul>
		</>
	);
}

// A section of its own: what stands above all, and the list of what is below; or one of
// these.
export function ReadPage() {
	const { section = "", entry = "" } = usePlace().query;
	const all = useLoaded<{ entries?: FaqEntry[] }>("/faq", { lang: locale() });
	if (entry)
		return (
			<>
				<Article key={entry} code={entry} />
				<p><a href={address("/public/read", { section })}>{say("read.back")}</a></p>
			</>
		);
	return (
		<>
			{section && <Article key={section} code={section} />}
			{!all.data && <Wait of={all} />}
			<ul class="cards">
				{(section ? below(all.data?.entries ?? [], section) : sectionsOf(all.data?.entries ?? [])).map((e) => (
					<li key={e.code}>
						<a lang={e.lang} href={address("/public/read", section ? { section, entry: e.code } : { section: e.code })}>{e.title ?? e.code}</a>
						{section && e.changed_at_us && <small>{dateText(e.changed_at_us)}</small>}
					</li>
				))}
			</ul>
		</>
	);
}
