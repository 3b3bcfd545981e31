// Policies: by the sort of their rule, what holds today above what will and did; each
// in words. A change says what it would do before it is saved.
import { useState } from "preact/hooks";
import { t } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { csv, download } from "../../lib/csv";
import { ruleKinds, validityOf, type Dated, type DirectoryRecord, type Policy, type RuleKind } from "../../lib/directory";
import { useTerms } from "../../lib/names";
import { usePaged } from "../../lib/pages";
import { today } from "../../lib/period";
import { address, go, usePlace } from "../../lib/router";
import { ListMore } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import type { View } from "../view";
import { policyTitle, policyWords, type Names } from "./policy-words";
import { PreviewPanel } from "./preview";
import { NEW, recordPath } from "./record-list";
import { NewRecord, RecordPanel, Span } from "./record-page";
import { policyType, ruleOf } from "./records";
import { Tabs } from "./tabs";

export function useMatchNames(): Names {
	return {
		kind: useTerms("kind").name,
		channel: useTerms("channel").name,
		topic: useTerms("topic").name,
		segment: useTerms("segment").name,
		product: useTerms("product").name,
	};
}

// Who sees all has every version; others what holds today.
function usePolicies(whole: boolean) {
	return usePaged<Record<string, unknown>, Policy>(
		whole ? apiPath("/directory/records", { sort: "policy", limit: 1000 }) : apiPath("/policies", { limit: 500 }),
		(reply) => ({
			rows: whole
				? ((reply["records"] ?? []) as DirectoryRecord[]).map((record) => record["policy"] as Policy)
				: ((reply["policies"] ?? []) as Policy[]),
			next: whole
				? reply["next_key"] ? `after_key=${encodeURIComponent(String(reply["next_key"]))}&after_day=${String(reply["next_day"] ?? "")}` : ""
				: reply["next_code"] ? `after_code=${encodeURIComponent(String(reply["next_code"]))}` : "",
		}),
		(next) => next,
	);
}

interface Placed {
	policy: Policy;
	from: string;
	to: string;
}

// A version ends where the next one of its code begins.
function placed(policies: readonly Policy[]): Placed[] {
	return policies.map((policy) => {
		const from = policy.valid_from_day ?? "";
		const own = policy.valid_to_day ?? "";
		const next = policies
			.filter((other) => other.code === policy.code && (other.valid_from_day ?? "") > from)
			.map((other) => other.valid_from_day ?? "")
			.sort()[0] ?? "";
		return { policy, from, to: own !== "" && (next === "" || own < next) ? own : next };
	});
}

function Row({ at, names }: { at: Placed; names: Names }) {
	return (
		<li class="policy">
			<p>
				<a href={address(recordPath("policies", at.policy.code))}><strong>{policyTitle(at.policy)}</strong></a>{" "}
				<code class="soft">{at.policy.code}</code>
			</p>
			<p>{policyWords(at.policy, names)}</p>
			<p class="soft"><Span from={at.from} to={at.to} />{at.policy.clock?.basis && <> · <bdi>{at.policy.clock.basis}</bdi></>}</p>
		</li>
	);
}

function Rules({ rule, all, names, may }: { rule: RuleKind; all: readonly Placed[]; names: Names; may: boolean }) {
	const mine = all.filter((at) => ruleOf(at.policy) === rule);
	const now = mine.filter((at) => validityOf(at.from, at.to, today()) === "now");
	const others = mine.filter((at) => !now.includes(at)).sort((a, b) => (a.from < b.from ? 1 : -1));
	return (
		<section class="panel" aria-labelledby={`rule-${rule}`}>
			<div class="panel-head">
				<h2 id={`rule-${rule}`}>{t(`policy.kind.${rule}`)}</h2>
				{may && <a class="button" href={address(recordPath("policies", NEW), { rule })}>{t("policy.add")}<span class="unseen">: {t(`policy.kind.${rule}`)}</span></a>}
			</div>
			<p class="soft">{t(`policy.kind.${rule}.note`)}</p>
			{now.length === 0 && <p>{t("policy.none_today")}</p>}
			<ul class="items">{now.map((at) => <Row key={at.policy.code} at={at} names={names} />)}</ul>
			{others.length > 0 && (
				<details>
					<summary>{t("policy.others", { n: others.length })}</summary>
					<ul class="items">{others.map((at) => <Row key={`${at.policy.code}/${at.from}`} at={at} names={names} />)}</ul>
				</details>
			)}
		</section>
	);
}

export function PoliciesTab({ open, view, may }: { open: string; view: View; may: boolean }) {
	const names = useMatchNames();
	const page = usePolicies(may && !view.who.unit);
	const asked = usePlace().query["rule"];
	const [ended, setEnded] = useState(false);
	const all = placed(page.rows ?? []);
	// A rule about mentions changes no case.
	const ofCases = (policy: Dated) => ruleOf(policy) !== "reaction" && ruleOf(policy) !== "spam";
	const preview = (policy: Dated) => ofCases(policy) && <PreviewPanel policy={policy} ended={false} unit={view.unit} />;
	const toList = <a class="button" href={address("/directory/policies")}>{t("record.to_list")}</a>;

	if (open === NEW) {
		const rule = ruleKinds.find((kind) => kind === asked) ?? "clock";
		return (
			<Page title={t("record.new.policy")} note={t(`policy.kind.${rule}`)} actions={toList}>
				<NewRecord
					type={policyType(rule)}
					also={preview}
					onSaved={(made) => {
						page.reload();
						go(address(recordPath("policies", String(made["code"]))));
					}}
					onCancel={() => go(address("/directory/policies"))}
				/>
			</Page>
		);
	}
	if (open !== "") {
		const policy = all.find((at) => at.policy.code === open)?.policy;
		return (
			<Page title={policy ? policyTitle(policy) : open} note={<code>{open}</code>} actions={toList}>
				{page.error && <ProblemBox error={page.error} onRetry={page.reload} />}
				{!policy && page.rows && <p class="empty">{t("problem.not_found")}</p>}
				{policy && (
					<RecordPanel
						key={open}
						type={policyType(ruleOf(policy))}
						record={policy}
						may={may}
						summary={(record) => policyWords(record as Policy, names)}
						also={preview}
						more={(record) => may && ofCases(record) && (
							<details class="panel" onToggle={(e) => setEnded(e.currentTarget.open)}>
								<summary>{t("preview.without")}</summary>
								{ended && <PreviewPanel policy={record} ended unit={view.unit} />}
							</details>
						)}
						onChanged={page.reload}
					/>
				)}
			</Page>
		);
	}
	const saveCsv = (): void =>
		download("policies.csv", csv([
			["code", "rule", "valid_from_day", "valid_to_day", "words"],
			...all.map((at) => [at.policy.code, ruleOf(at.policy), at.from, at.to, policyWords(at.policy, names)]),
		]));
	return (
		<Page
			title={t("directory.tab.policies")}
			note={t("directory.about.policies")}
			actions={<button type="button" class="button" disabled={all.length === 0} onClick={saveCsv}>{t("action.export")}</button>}
		>
			<Tabs tab="policies" />
			{page.error && <ProblemBox error={page.error} onRetry={page.reload} />}
			{page.rows === undefined && !page.error && <p class="empty" aria-busy="true">{t("state.loading")}</p>}
			{page.rows && ruleKinds.map((rule) => <Rules key={rule} rule={rule} all={all} names={names} may={may} />)}
			<ListMore page={page} />
		</Page>
	);
}
