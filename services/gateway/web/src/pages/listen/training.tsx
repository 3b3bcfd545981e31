// The model that judges mentions: its versions and how good each is, using another, and
// what a person should decide, of which the next one learns.
import { useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { may } from "../../frame/sections";
import { t, word } from "../../i18n/i18n";
import { apiPath, send } from "../../lib/api";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { count } from "../../lib/types";
import { ListTable } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { When } from "../case/facts";
import type { View } from "../view";
import { DoButton } from "./do-button";
import { labelOf } from "./labels";
import { verdict, type Verdict } from "./marked";
import { SocialTabs } from "../social/frame";
import type { ListModelsReply, Model, ModelScore } from "./types";
import { Unsure } from "./unsure";

const marks = {
	MODEL_CANDIDATE: ["warn", "◌"],
	MODEL_IN_USE: ["good", "●"],
	MODEL_RETIRED: ["idle", "○"],
} as const;
const verdicts: Record<Verdict, readonly [string, string]> = {
	better: ["good", "▲"],
	worse: ["bad", "▼"],
	alike: ["idle", "≈"],
	unknown: ["idle", "·"],
};

const nameOf = (model: Model | undefined): string => (model?.version ? t("listen.version", { n: model.version }) : t("model.rules"));

function Scores({ scores, of }: { scores: readonly ModelScore[]; of: string }) {
	return (
		<ListTable
			page={{ rows: [...scores], more: false, busy: false, error: undefined, next: () => undefined }}
			title={t("model.scores", { name: of })}
			columns={[t("model.head"), t("field.lang"), t("model.f1"), t("model.beside"), t("model.in_use_f1"), t("model.n")]}
			none={t("model.scores.none")}
		>
			{scores.map((s) => {
				const said = verdict(s);
				const [tone, shape] = verdicts[said];
				return (
					<tr key={`${s.head}/${s.lang}/${s.label}`}>
						<th scope="row">{word("head", s.head ?? "")}{s.label && <>: {labelOf(s.label)}</>}</th>
						<td data-label={t("field.lang")}>{s.lang ? word("model_lang", s.lang) : t("filter.all")}</td>
						<td data-label={t("model.f1")}>
							<span>
								{format.percent(s.f1 ?? 0)}{" "}
								<small class="soft">{t("figure.interval", { low: format.percent(s.f1_low ?? 0), high: format.percent(s.f1_high ?? 0) })}</small>
							</span>
						</td>
						<td data-label={t("model.beside")}><span class={`mark tone-${tone}`}><span aria-hidden="true">{shape}</span> {t(`verdict.${said}`)}</span></td>
						<td data-label={t("model.in_use_f1")}>{said === "unknown" ? "–" : format.percent(s.f1_in_use ?? 0)}</td>
						<td data-label={t("model.n")} class="num">{format.integer(count(s.n))}</td>
					</tr>
				);
			})}
		</ListTable>
	);
}

function ModelRow({ model, may: uses, onUse }: { model: Model; may: boolean; onUse: () => Promise<void> }) {
	const [tone, shape] = marks[model.state ?? "MODEL_RETIRED"];
	const scores = model.scores ?? [];
	const whole = scores.filter((s) => !s.label);
	const single = scores.filter((s) => s.label);
	const name = nameOf(model);
	return (
		<li class="model">
			<div class="panel-head">
				<h3>{name} <span class={`mark tone-${tone}`}><span aria-hidden="true">{shape}</span> {word("model_state", model.state ?? "MODEL_RETIRED")}</span></h3>
				{uses && model.state !== "MODEL_IN_USE" && (
					<DoButton main={model.state === "MODEL_CANDIDATE"} does={onUse}>
						{t(model.state === "MODEL_CANDIDATE" ? "model.use" : "model.back", { name })}
					</DoButton>
				)}
			</div>
			{model.version ? (
				<p class="soft">
					{t("model.made")} <When at={model.made_at_us} /> · <bdi>{model.made_by}</bdi> · {t("model.examples", { n: count(model.examples) })} · {format.bytes(count(model.bytes))}
					{model.state === "MODEL_IN_USE" && model.in_use_since_us && <> · {t("model.since")} <When at={model.in_use_since_us} /> <bdi>{model.used_by}</bdi></>}
				</p>
			) : (
				<p class="soft">{t("model.rules.note")}</p>
			)}
			{model.note && <p dir="auto">{model.note}</p>}
			{whole.length > 0 && <Scores scores={whole} of={name} />}
			{single.length > 0 && (
				<details>
					<summary>{t("model.single", { n: single.length })}</summary>
					<Scores scores={single} of={name} />
				</details>
			)}
		</li>
	);
}

function Models({ view }: { view: View }) {
	const { data, error, reload } = useFetched<ListModelsReply>(apiPath("/models"));
	const [changed, setChanged] = useState<{ version: number; before: number } | undefined>();
	const uses = may(view.who, ["admin"]) && !view.who.unit;
	const models = data?.models ?? [];
	const inUse = models.find((m) => m.state === "MODEL_IN_USE");
	const shown = models.some((m) => !m.version) ? models : [...models, { state: inUse ? "MODEL_RETIRED" : "MODEL_IN_USE" } as Model];
	const use = async (version: number): Promise<void> => {
		const reply = await send<{ version?: number; before?: number }>("POST", `/api/v1/models/${version}/use`, {});
		setChanged({ version: reply?.version ?? 0, before: reply?.before ?? 0 });
		announce(t("record.saved"));
		reload();
	};
	const named = (version: number): string => nameOf({ version });
	return (
		<section class="panel" aria-labelledby="models-title">
			<h2 id="models-title">{t("model.title")}</h2>
			{error && <ProblemBox error={error} onRetry={reload} />}
			{data && (
				<p>
					{t("model.labels", { n: count(data.labels) })} {t("model.labels_since", { n: count(data.labels_since) })}
				</p>
			)}
			<p class="soft">{t("model.note")}</p>
			{changed && (
				<div class="box box-good" role="status">
					<p><span aria-hidden="true">✓</span> {t("model.used", { name: named(changed.version) })}</p>
					{changed.before !== changed.version && <DoButton does={() => use(changed.before)}>{t("model.undo", { name: named(changed.before) })}</DoButton>}
				</div>
			)}
			{data ? (
				<ol class="models">
					{shown.map((m) => <ModelRow key={m.version ?? 0} model={m} may={uses} onUse={() => use(m.version ?? 0)} />)}
				</ol>
			) : !error && <p class="empty" aria-busy="true">{t("state.loading")}</p>}
		</section>
	);
}

export function TrainingPage({ view }: { view: View }) {
	return (
		<Page title={t("social.training")} note={t("training.note")}>
			<SocialTabs at="/social/training" />
			<Unsure view={view} />
			<Models view={view} />
		</Page>
	);
}
