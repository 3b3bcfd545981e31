// What is known of a case; of the customer apart, since reading that is recorded.
import { labelText, t, word } from "../../i18n/i18n";
import * as format from "../../lib/format";
import { unitName, useDepartments, useTerms, useUnit } from "../../lib/names";
import { address } from "../../lib/router";
import type { Appeal } from "../../lib/types";

function UnitLink({ code }: { code: string | undefined }) {
	const known = useUnit(code ?? null);
	if (!code) return <>–</>;
	return <a href={address("/appeals", { unit: code })}>{unitName(known?.unit, code)} <small class="soft">{code}</small></a>;
}

export function When({ at }: { at: string | undefined }) {
	return at ? <time dateTime={at} title={format.timeExact(at)}>{format.time(at)}</time> : <>–</>;
}

export function FactsPanel({ appeal }: { appeal: Appeal }) {
	const f = appeal.facts ?? {};
	const kind = useTerms("kind").name;
	const channel = useTerms("channel").name;
	const topic = useTerms("topic").name;
	const element = useTerms("element").name;
	const product = useTerms("product").name;
	const segment = useTerms("segment").name;
	const department = useDepartments().name;
	return (
		<section class="panel" aria-labelledby="facts-title">
			<h2 id="facts-title">{t("case.facts")}</h2>
			<dl class="facts">
				<div><dt>{t("field.kind")}</dt><dd>{kind(f.kind) || "–"}</dd></div>
				<div><dt>{t("field.topic")}</dt><dd>{topic(f.topic) || t("case.not_classified")}</dd></div>
				{f.element && <div><dt>{t("field.element")}</dt><dd>{element(f.element)}</dd></div>}
				{f.product && <div><dt>{t("field.product")}</dt><dd>{product(f.product)}</dd></div>}
				{f.segment && <div><dt>{t("field.segment")}</dt><dd>{segment(f.segment)}</dd></div>}
				<div><dt>{t("field.channel")}</dt><dd>{channel(f.channel) || "–"}</dd></div>
				<div><dt>{t("field.unit")}</dt><dd><UnitLink code={f.unit} /></dd></div>
				{f.intake_unit && f.intake_unit !== f.unit && <div><dt>{t("field.intake_unit")}</dt><dd><UnitLink code={f.intake_unit} /></dd></div>}
				<div><dt>{t("field.department")}</dt><dd>{department(f.department) || "–"}</dd></div>
				<div><dt>{t("field.registered")}</dt><dd><When at={f.registered_at_us} /></dd></div>
				<div><dt>{t("field.first_answer")}</dt><dd><When at={f.first_answer_at_us} /></dd></div>
				{f.handler && <div><dt>{t("field.handler")}</dt><dd>{f.handler}</dd></div>}
				{f.received_at_us && f.received_at_us !== f.registered_at_us && <div><dt>{t("field.received")}</dt><dd><When at={f.received_at_us} /></dd></div>}
				<div><dt>{t("field.resolved")}</dt><dd><When at={f.resolved_at_us} /></dd></div>
				<div><dt>{t("field.closed")}</dt><dd><When at={f.closed_at_us} /></dd></div>
				{f.rating ? <div><dt>{t("field.rating")}</dt><dd>{word("rating", String(f.rating))}</dd></div> : null}
				{appeal.outside_appeal_until_us && (
					<div>
						<dt>{t("field.outside_appeal")}</dt>
						<dd><When at={appeal.outside_appeal_until_us} /> {labelText(appeal.outside_appeal_texts, "")}</dd>
					</div>
				)}
				<div>
					<dt>{t("field.source")}</dt>
					<dd>
						{appeal.source === "social" && appeal.external_id
							? <a href={address(`/social/mentions/${appeal.external_id}`)}>{t("case.from_mention")}</a>
							: appeal.source || "–"}
					</dd>
				</div>
				<div><dt>{t("field.number")}</dt><dd><code>{appeal.appeal_id}</code></dd></div>
			</dl>
		</section>
	);
}

export function CustomerPanel({ appeal }: { appeal: Appeal }) {
	const p = appeal.person ?? {};
	const rows: [string, string][] = [
		[t("customer.name"), p.name ?? ""],
		[t("customer.phone"), p.phone ?? ""],
		[t("customer.email"), p.email ?? ""],
		[t("customer.address"), p.address ?? ""],
	];
	const known = rows.filter(([, value]) => value !== "");
	return (
		<section class="panel" aria-labelledby="customer-title">
			<h2 id="customer-title">{t("customer.title")}</h2>
			{known.length === 0 && !appeal.text && <p class="soft">{t("customer.none")}</p>}
			{known.length > 0 && (
				<dl class="facts">
					{known.map(([name, value]) => <div key={name}><dt>{name}</dt><dd><bdi>{value}</bdi></dd></div>)}
				</dl>
			)}
			{appeal.text && <blockquote class="words" dir="auto">{appeal.text}</blockquote>}
			<p class="soft">{t("customer.audited")}</p>
		</section>
	);
}
