// A policy in the reader's words: "First answer: within 48 h, elapsed time, from
// registration to the first answer, for all cases".
import { labelText, t, word } from "../../i18n/i18n";
import { ruleKinds, type ClockRule, type Policy, type PolicyMatch, type RuleKind } from "../../lib/directory";
import * as format from "../../lib/format";
import { inHours } from "../../parts/values";
import { clockName } from "../../parts/state";

export type Names = Record<"kind" | "channel" | "topic" | "segment" | "product", (code: string | undefined) => string>;

export function amountOf(measure: string | undefined, amount: number | undefined): string {
	const n = amount ?? 0;
	if (!inHours(measure)) return t("amount.days", { n });
	if (n % 60 === 0) return t("amount.hours", { n: n / 60 });
	return t("amount.minutes", { n });
}

export function forWhom(match: PolicyMatch | undefined, names: Names): string {
	const said = (["kind", "channel", "topic", "segment", "product"] as const)
		.filter((field) => match?.[field])
		.map((field) => `${word("field", field)} ${names[field](match?.[field])}`);
	if (match?.unit) said.push(`${word("field", "unit")} ${match.unit}`);
	return said.length === 0 ? t("policy.all_cases") : t("policy.cases_of", { what: said.join(", ") });
}

function clockWords(rule: ClockRule, names: Names): string[] {
	const out = [
		t("policy.within", { amount: amountOf(rule.measure, rule.amount), measure: word("measure", rule.measure ?? "") }),
		...(rule.start ? [t("policy.from_to", { start: word("moment", rule.start), stop: word("moment", rule.stop ?? "") })] : []),
		forWhom(rule.match, names),
	];
	if (rule.warn_before) out.push(t("policy.warned", { amount: amountOf(rule.measure, rule.warn_before) }));
	if (rule.may_pause) out.push(t("policy.pauses"));
	if (rule.extension_max) out.push(t("policy.extends", { amount: amountOf(rule.measure, rule.extension_max) }));
	return out;
}

export function matchOf(policy: Policy): PolicyMatch | undefined {
	const kind = ruleKinds.find((name) => policy[name] !== undefined);
	return kind && kind !== "spam" ? policy[kind]?.match : undefined;
}

function ruleWords(kind: RuleKind, policy: Policy, names: Names): string[] {
	const whom = forWhom(matchOf(policy), names);
	switch (kind) {
		case "clock":
			return clockWords(policy.clock ?? {}, names);
		case "routing": {
			const rule = policy.routing ?? {};
			const to = [rule.unit, rule.department].filter(Boolean).join(", ");
			return [
				to ? t("policy.goes_to", { to }) : t("policy.stays"),
				...(rule.green_channel ? [t("policy.green")] : []),
				...(rule.skill ? [t("policy.skill", { skill: rule.skill })] : []),
				whom,
			];
		}
		case "repeat":
			return [t("policy.repeat", { n: policy.repeat?.window_days ?? 0 }), whom];
		case "remedy": {
			const rule = policy.remedy ?? {};
			const currency = rule.currency ?? "";
			const out = [t("policy.free", { amount: format.money(rule.free_limit_minor ?? "0", currency) })];
			if (rule.limit_minor && rule.limit_minor !== "0") out.push(t("policy.limit", { amount: format.money(rule.limit_minor, currency) }));
			if (rule.remedy) out.push(word("field", "remedy") + " " + rule.remedy);
			return [...out, whom];
		}
		case "outside_appeal":
			return [t("policy.outside", { n: policy.outside_appeal?.days ?? 0 }), whom];
		case "reaction": {
			const rule = policy.reaction ?? {};
			const out = [t("policy.reaction", {
				n: rule.priority ?? 0,
				answer: amountOf("ELAPSED_TIME", rule.answer_minutes),
				from: rule.inquiry_days ?? 0,
				to: rule.inquiry_days_max ?? 0,
				report: amountOf("ELAPSED_TIME", rule.report_minutes),
			})];
			const match = rule.match ?? {};
			const what = [
				...(match.kind ? [word("mention_class", match.kind)] : []),
				...(rule.sentiment ? [word("sentiment", rule.sentiment)] : []),
				...(match.channel ? [`${word("field", "source")} ${match.channel}`] : []),
				...(match.topic ? [`${word("field", "topic")} ${names.topic(match.topic)}`] : []),
				...(match.unit ? [`${word("field", "unit")} ${match.unit}`] : []),
				...(rule.watch ? [`${word("field", "watch")} ${rule.watch}`] : []),
				...(rule.min_reach && rule.min_reach !== "0" ? [`${word("field", "min_reach")} ${format.integer(Number(rule.min_reach))}`] : []),
				...((rule.min_mentions ?? 1) > 1 ? [`${word("field", "min_mentions")} ${format.integer(rule.min_mentions ?? 1)}`] : []),
			];
			return [...out, what.length > 0 ? t("policy.mentions_of", { what: what.join(", ") }) : t("policy.all_mentions")];
		}
		case "spam": {
			const rule = policy.spam ?? {};
			return [
				t("policy.spam.burst", { n: rule.burst ?? 0 }),
				t("policy.spam.copies", { n: rule.copies_least ?? 0, percent: rule.copies_percent ?? 0 }),
				t("policy.spam.links", { n: rule.links_least ?? 0, percent: rule.links_percent ?? 0 }),
			];
		}
		case "notice":
			return [t("policy.notice", { event: word("fact", policy.notice?.event ?? ""), template: policy.notice?.template ?? "" }), whom];
		case "lookup": {
			const host = /^https?:\/\/([^/]+)/.exec(policy.lookup?.url ?? "")?.[1] ?? "";
			const shown = (policy.lookup?.shown ?? []).map((one) => labelText(one.names, one.pointer ?? "")).join(", ");
			return [t("policy.lookup", { host }), t("policy.lookup.shows", { what: shown }), whom];
		}
	}
}

export function policyTitle(policy: Policy): string {
	return policy.clock ? clockName(policy.clock.clock) : labelText(policy.names, policy.code);
}

export function policyWords(policy: Policy, names: Names): string {
	const kind = ruleKinds.find((name) => policy[name] !== undefined);
	return kind ? ruleWords(kind, policy, names).join(", ") : "";
}
