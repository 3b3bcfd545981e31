// What the model was not sure of, one mention after another: a key says what it is and
// brings the next. Each correction moves the counts and is a label for training.
import { useEffect, useRef, useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { useKeys, type KeyMap } from "../../frame/keys";
import { may } from "../../frame/sections";
import { t, word } from "../../i18n/i18n";
import { ApiError, apiPath, send } from "../../lib/api";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { useTerms } from "../../lib/names";
import { usePaged } from "../../lib/pages";
import { daysParameter } from "../../lib/period";
import { ProblemBox } from "../../parts/problem";
import { When } from "../case/facts";
import { mentionClasses, sentiments, type ListMentionsReply, type Mention } from "../social/types";
import { className, sentimentName } from "../social/words";
import type { View } from "../view";
import { partsOf } from "./marked";
import { MarkedText } from "./parts";
import { labelOf } from "./labels";
import type { ExplainMentionReply } from "./types";

const sentimentKeys = ["q", "w", "e"] as const;
const heads = ["class", "sentiment", "topic"] as const;

// Why the model said it: words for and against, told by line and weight, not by colour
// alone.
export function Explanation({ mention }: { mention: Mention }) {
	const [head, setHead] = useState<(typeof heads)[number]>("class");
	const { data, error, reload } = useFetched<ExplainMentionReply>(apiPath(`/mentions/${encodeURIComponent(mention.mention_id)}/explanation`, { head }));
	const words = data?.words ?? [];
	return (
		<div class="panel">
			<div class="panel-head">
				<h3>{t("explain.title")}</h3>
				<span class="choices" role="group" aria-label={t("explain.of")}>
					{heads.map((name) => (
						<button key={name} type="button" class="button" aria-pressed={name === head} onClick={() => setHead(name)}>{word("head", name)}</button>
					))}
				</span>
			</div>
			{error && <ProblemBox error={error} onRetry={reload} />}
			{!data && !error && <p class="empty" aria-busy="true">{t("state.loading")}</p>}
			{data && (
				<>
					<p>
						{t("explain.says", { label: data.label ? labelOf(data.label) : t("social.class.none"), share: format.percent(data.probability ?? 0) })}{" "}
						<span class="soft">
							{t("explain.wants", { share: format.percent(data.threshold ?? 0) })} · {data.model ? t("listen.version", { n: data.model }) : t("model.rules")}
						</span>
					</p>
					{words.length === 0 && <p class="soft">{t("explain.none")}</p>}
					{words.length > 0 && mention.text && (
						<blockquote class="words said" dir="auto" lang={mention.facts?.lang || "und"}>
							{partsOf(mention.text, words).map((part, i) =>
								part.place ? <mark key={i} class={(part.place.weight ?? 0) < 0 ? "against" : "for"} title={weight(part.place.weight)}>{part.text}</mark> : part.text,
							)}
						</blockquote>
					)}
					{words.length > 0 && (
						<ul class="weights">
							{words.map((w) => (
								<li key={`${w.begin}/${w.end}`}>
									<bdi lang={mention.facts?.lang || "und"}>{w.text}</bdi> <span class={(w.weight ?? 0) < 0 ? "tone-bad" : "tone-good"}>{weight(w.weight)}</span>
								</li>
							))}
						</ul>
					)}
				</>
			)}
		</div>
	);
}

function weight(n: number | undefined): string {
	const text = format.signed(n ?? 0, (value) => format.decimal(value, 2));
	return t((n ?? 0) < 0 ? "explain.against" : "explain.for", { weight: text });
}

interface CardProps {
	mention: Mention;
	before: boolean; // there is one to go back to
	onDone: () => void;
	onBack: () => void;
}

function Card({ mention, before, onDone, onBack }: CardProps) {
	const facts = mention.facts ?? {};
	const topics = useTerms("topic");
	const [sentiment, setSentiment] = useState<string | undefined>();
	const [topic, setTopic] = useState("");
	const [why, setWhy] = useState(false);
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();
	const card = useRef<HTMLDivElement>(null);
	// What was not changed is agreed to: that is a label, too.
	const say = async (mentionClass: string): Promise<void> => {
		if (busy) return;
		setBusy(true);
		setError(undefined);
		try {
			await send("POST", `/api/v1/mentions/${encodeURIComponent(mention.mention_id)}/correction`, {
				...(mentionClass ? { mention_class: mentionClass } : {}),
				...(sentiment ?? facts.sentiment ? { sentiment: sentiment ?? facts.sentiment } : {}),
				...(topic === "" ? {} : { topic }),
			});
			announce(t("unsure.said", { what: className(mentionClass) }));
			onDone();
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
			setBusy(false);
		}
	};
	const keys: KeyMap = { s: onDone, x: () => setWhy(!why), a: () => facts.mention_class && void say(facts.mention_class) };
	if (before) keys["b"] = onBack;
	mentionClasses.forEach((name, i) => (keys[String(i + 1)] = () => void say(name)));
	sentiments.forEach((name, i) => (keys[sentimentKeys[i]!] = () => setSentiment(name)));
	useKeys(keys);
	useEffect(() => card.current?.scrollIntoView({ block: "nearest" }), []);
	return (
		<div ref={card} aria-busy={busy}>
			<p class="soft"><When at={facts.published_at_us} /> · {facts.source}{facts.unit && <> · {facts.unit}</>}</p>
			{mention.title && <p><strong><bdi>{mention.title}</bdi></strong></p>}
			<MarkedText text={mention.text ?? ""} places={[]} lang={facts.lang} />
			<p>
				{t("unsure.thinks")} <b>{className(facts.mention_class)}</b> {percentOf(mention.class_probability)}, <b>{sentimentName(facts.sentiment)}</b> {percentOf(mention.sentiment_probability)}, {t("field.topic")}: <b>{topics.name(facts.topic) || t("field.none")}</b>
			</p>
			<div class="unsure-say">
				<div class="inline" role="group" aria-label={t("field.sentiment")}>
					{sentiments.map((name, i) => (
						<button key={name} type="button" class="button" aria-pressed={(sentiment ?? facts.sentiment) === name} onClick={() => setSentiment(name)}>
							<kbd>{sentimentKeys[i]}</kbd> {sentimentName(name)}
						</button>
					))}
				</div>
				<label class="inline">
					<span>{t("field.topic")}</span>
					<select class="control" value={topic} onChange={(e) => setTopic(e.currentTarget.value)}>
						<option value="">{t("case.no_change")}</option>
						<option value="-">{t("field.none")}</option>
						{topics.codes.map((code) => <option key={code} value={code}>{topics.name(code)}</option>)}
					</select>
				</label>
				<div class="choices" role="group" aria-label={t("unsure.it_is")}>
					{mentionClasses.map((name, i) => (
						<button key={name} type="button" class={name === facts.mention_class ? "button button-main" : "button"} disabled={busy} onClick={() => void say(name)}>
							<kbd>{i + 1}</kbd> {className(name)}
						</button>
					))}
				</div>
				<div class="choices">
					{facts.mention_class && <button type="button" class="button" disabled={busy} onClick={() => void say(facts.mention_class ?? "")}><kbd>a</kbd> {t("unsure.agree")}</button>}
					<button type="button" class="button" onClick={onDone}><kbd>s</kbd> {t("unsure.skip")}</button>
					<button type="button" class="button" disabled={!before} onClick={onBack}><kbd>b</kbd> {t("unsure.back")}</button>
					<button type="button" class="button" aria-expanded={why} onClick={() => setWhy(!why)}><kbd>x</kbd> {t("explain.title")}</button>
				</div>
			</div>
			{error && <ProblemBox error={error} />}
			{why && <Explanation mention={mention} />}
		</div>
	);
}

function percentOf(share: number | undefined): string {
	return share ? `(${format.percent(share)})` : "";
}

export function Unsure({ view }: { view: View }) {
	const [at, setAt] = useState(0);
	const page = usePaged<ListMentionsReply, Mention>(
		apiPath("/mentions", { unsure: "true", days: daysParameter(view.period), unit: view.unit, limit: 50 }),
		(reply) => ({ rows: reply.mentions ?? [], next: reply.next_cursor ?? "" }),
	);
	const decides = may(view.who, ["handler"]);
	const rows = page.rows ?? [];
	const now = rows[at];
	useEffect(() => {
		if (page.more && at >= rows.length - 5) page.next();
	}, [at]);
	return (
		<section class="panel" aria-labelledby="unsure-title">
			<h2 id="unsure-title">{t("unsure.title")}</h2>
			<p class="soft">{t(decides ? "unsure.note" : "listen.no_texts")}</p>
			{page.error && <ProblemBox error={page.error} onRetry={page.reload} />}
			{!page.rows && !page.error && <p class="empty" aria-busy="true">{t("state.loading")}</p>}
			{page.rows && decides && (now ? (
				<>
					<p class="soft unsure-at" role="status">{t("unsure.at", { n: at + 1, of: rows.length })}{page.more && "+"}</p>
					<Card key={`${now.mention_id}/${at}`} mention={now} before={at > 0} onDone={() => setAt(at + 1)} onBack={() => setAt(at - 1)} />
				</>
			) : (
				<p class="empty">
					{t(rows.length === 0 ? "unsure.empty" : "unsure.done")}{" "}
					{rows.length > 0 && <button type="button" class="button" onClick={() => { setAt(0); page.reload(); }}>{t("action.reload")}</button>}
				</p>
			))}
			{page.rows && !decides && <p>{t("unsure.count", { n: rows.length })}</p>}
		</section>
	);
}
