// One watch rule: what it says, what it would find, its versions, and what it has found.
import { useState } from "preact/hooks";
import { useKeys } from "../../frame/keys";
import { may } from "../../frame/sections";
import { labelText, t, word } from "../../i18n/i18n";
import { apiPath, send } from "../../lib/api";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { address, go } from "../../lib/router";
import { count } from "../../lib/types";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { When } from "../case/facts";
import type { View } from "../view";
import { DoButton } from "./do-button";
import { RuleText } from "./rule-editor";
import { SocialTabs } from "../social/frame";
import type { ListWatchesReply, Watch } from "./types";
import { WatchForm, messageOf } from "./watch-form";
import { WatchHits } from "./watch-hits";
import { Precision, WatchMark } from "./watches";

function figuresOf({ hits, judged, right, precision_low, precision_high }: Partial<Watch> = {}): Partial<Watch> {
	return { hits, judged, right, precision_low, precision_high };
}

interface VersionsProps {
	versions: Watch[];
	onTake: ((query: string) => void) | undefined;
}

function Versions({ versions, onTake }: VersionsProps) {
	return (
		<section class="panel" aria-labelledby="versions-title">
			<h2 id="versions-title">{t("watch.versions")}</h2>
			<ol class="timeline versions">
				{versions.map((w, i) => (
					<li key={w.version}>
						<p>
							<b>{t("listen.version", { n: w.version ?? 0 })}</b> <span class="soft"><When at={w.changed_at_us} /> · <bdi>{w.changed_by}</bdi></span>{" "}
							{w.ended && <WatchMark ended />}
						</p>
						<RuleText rule={w.query ?? ""} />{" "}
						{onTake && i > 0 && <button type="button" class="button" onClick={() => onTake(w.query ?? "")}>{t("watch.take")}</button>}
					</li>
				))}
			</ol>
		</section>
	);
}

function Facts({ watch }: { watch: Watch }) {
	return (
		<section class="panel" aria-labelledby="facts-title">
			<h2 id="facts-title">{t("watch.now")}</h2>
			<p><RuleText rule={watch.query ?? ""} /></p>
			<dl class="facts">
				<div><dt>{t("field.state")}</dt><dd><WatchMark ended={watch.ended} /></dd></div>
				<div><dt>{t("watch.hits")}</dt><dd>{format.integer(count(watch.hits))}</dd></div>
				<div><dt>{t("watch.precision")}</dt><dd><Precision watch={watch} /></dd></div>
				<div><dt>{t("field.reaction")}</dt><dd>{t(watch.reaction ? "field.yes" : "field.no")}</dd></div>
				<div><dt>{t("field.sensitivity")}</dt><dd>{word("sensitivity", String(watch.sensitivity || 3))}</dd></div>
				<div><dt>{t("field.unit")}</dt><dd>{watch.unit || t("scope.all")}</dd></div>
				<div><dt>{t("field.owner")}</dt><dd><bdi>{watch.owner || watch.changed_by}</bdi></dd></div>
			</dl>
		</section>
	);
}

export function WatchPage({ code, view }: { code: string; view: View }) {
	const fresh = code === "+";
	const { data, error, reload } = useFetched<ListWatchesReply>(fresh ? null : apiPath(`/watches/${encodeURIComponent(code)}/versions`));
	const all = useFetched<ListWatchesReply>(fresh ? null : apiPath("/watches", { ended: "true", limit: 1000 }));
	const [taken, setTaken] = useState<{ query: string; n: number } | undefined>();
	const [undo, setUndo] = useState<boolean>(false);
	useKeys({ u: () => go(address("/social/watches")) });
	const versions = [...(data?.watches ?? [])].sort((a, b) => (b.version ?? 0) - (a.version ?? 0));
	const listed = all.data?.watches?.find((w) => w.code === code);
	const newest = versions[0];
	// Of the list are the figures; what it says, the versions know.
	const watch = newest && { ...newest, ...figuresOf(listed) };
	const changes = may(view.who, ["handler"]);
	const again = (): void => {
		reload();
		all.reload();
	};
	const end = async (): Promise<void> => {
		if (!watch) return;
		await send("POST", "/api/v1/watches", { watch: { ...messageOf(watch), ended: !watch.ended } });
		setUndo(!watch.ended);
		again();
	};
	const title = fresh ? t("watch.new") : labelText(watch?.names, code);
	return (
		<Page
			title={title}
			note={fresh ? t("watch.note") : <><code>{code}</code> · {t("listen.version", { n: watch?.version ?? 0 })}</>}
			actions={
				<>
					<a class="button" href={address("/social/watches")}>{t("record.to_list")}</a>
					{watch && changes && <DoButton does={end}>{t(watch.ended ? "watch.begin" : "watch.end")}</DoButton>}
				</>
			}
		>
			<SocialTabs at="/social/watches" />
			{error && <ProblemBox error={error} onRetry={reload} />}
			{undo && watch?.ended && <div class="box box-good" role="status"><p><span aria-hidden="true">✓</span> {t("watch.ended_now")}</p></div>}
			{watch && <Facts watch={watch} />}
			{changes && (fresh || watch) && (
				<WatchForm
					key={`${watch?.version ?? 0}/${taken?.n ?? 0}`}
					watch={watch}
					query={taken?.query}
					view={view}
					onSaved={(saved) => {
						setTaken(undefined);
						if (fresh) go(address(`/social/watches/${encodeURIComponent(saved.code)}`), "replace");
						else again();
					}}
				/>
			)}
			{!fresh && watch && <WatchHits watch={watch} view={view} onJudged={all.reload} />}
			{versions.length > 0 && (
				<Versions
					versions={versions}
					onTake={changes ? (query) => setTaken((before) => ({ query, n: (before?.n ?? 0) + 1 })) : undefined}
				/>
			)}
		</Page>
	);
}
