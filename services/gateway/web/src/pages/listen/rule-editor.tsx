// A watch rule, coloured: as it is read, and as it is written. The field is the
// browser's own; the colours lie behind it, so that nothing of typing is made again.
import { useRef } from "preact/hooks";
import { t, type Key } from "../../i18n/i18n";
import { indexOfColumn } from "./marked";
import type { WatchProblem } from "./types";
import { watchPieces } from "./watch_syntax";

// Characters that a row of a list has room for.
const SHORT = 90;

function Pieces({ rule, bad = -1 }: { rule: string; bad?: number }) {
	let at = 0;
	return (
		<>
			{watchPieces(rule).map((piece, i) => {
				const begin = at;
				at += piece.text.length;
				const wrong = bad >= begin && bad < at ? " piece-wrong" : "";
				return <span key={i} class={`piece-${piece.kind}${wrong}`}>{piece.text}</span>;
			})}
			{bad >= rule.length && <span class="piece-wrong">{"\u00a0"}</span>}
		</>
	);
}

export function RuleText({ rule, short }: { rule: string; short?: boolean }) {
	const chars = short ? [...rule] : [];
	const cut = chars.length > SHORT;
	return (
		<code class="rule-text" dir="auto" title={cut ? rule : undefined}>
			<Pieces rule={cut ? chars.slice(0, SHORT).join("") : rule} />{cut && "…"}
		</code>
	);
}

const language: readonly [string, Key][] = [
	["a b", "watch.help.and"],
	["a OR b", "watch.help.or"],
	["a NOT b", "watch.help.not"],
	['"a b"', "watch.help.phrase"],
	["a NEAR/5 b", "watch.help.near"],
	["a*  ?b", "watch.help.wild"],
	["~a", "watch.help.stem"],
	["source:vk", "watch.help.field"],
	["reach>1000", "watch.help.reach"],
	["( )", "watch.help.bracket"],
];

export function RuleHelp() {
	return (
		<details>
			<summary>{t("watch.help")}</summary>
			<table class="list rule-help">
				<caption class="unseen">{t("watch.help")}</caption>
				<thead class="unseen"><tr><th scope="col">{t("watch.help.write")}</th><th scope="col">{t("watch.help.means")}</th></tr></thead>
				<tbody>
					{language.map(([code, key]) => <tr key={code}><th scope="row"><RuleText rule={code} /></th><td>{t(key)}</td></tr>)}
				</tbody>
			</table>
			<p class="soft">{t("watch.help.words")}</p>
		</details>
	);
}

interface Props {
	rule: string;
	problem: WatchProblem | undefined; // of exactly this rule
	onChange: (rule: string) => void;
	onTry: () => void;
}

export function RuleEditor({ rule, problem, onChange, onTry }: Props) {
	const field = useRef<HTMLTextAreaElement>(null);
	const bad = problem ? indexOfColumn(rule, problem.column ?? 1) : -1;
	const show = (): void => {
		field.current?.focus();
		field.current?.setSelectionRange(bad, Math.min(bad + 1, rule.length));
	};
	return (
		<div class="field form-all">
			<label>
				<span>{t("watch.rule")}</span>
				<span class="rule-box">
					<span class="rule-under" aria-hidden="true" dir="auto" lang="und"><Pieces rule={rule} bad={bad} />{"\n"}</span>
					<textarea
						ref={field}
						class="control rule-over"
						dir="auto"
						rows={3}
						spellcheck={false}
						autocapitalize="none"
						required
						aria-invalid={problem !== undefined}
						aria-describedby="rule-says"
						value={rule}
						onInput={(e) => onChange(e.currentTarget.value)}
						onKeyDown={(e) => {
							if (e.key !== "Enter" || !(e.ctrlKey || e.metaKey)) return;
							e.preventDefault();
							onTry();
						}}
					/>
				</span>
			</label>
			<div id="rule-says" role="status">
				{problem ? (
					<p class="tone-bad">
						<span aria-hidden="true">▲</span> {t("watch.column", { n: problem.column ?? 1 })} <span lang="en">{problem.text}</span>{" "}
						<button type="button" class="button" onClick={show}>{t("watch.show")}</button>
					</p>
				) : (
					<p class="soft">{t("watch.try_key")}</p>
				)}
			</div>
		</div>
	);
}
