// Is anything behind, broken or full.
import { useEffect } from "preact/hooks";
import { t } from "../i18n/i18n";
import { useFetched } from "../lib/fetched";
import * as format from "../lib/format";
import { count, type GetSystemReply, type Principal, type ServiceStatus } from "../lib/types";
import { Page } from "../parts/page";
import { ProblemBox } from "../parts/problem";
import { SystemTabs } from "./mail/tabs";

const EVERY_MS = 5000;
// Beyond these somebody should look: a minute of a busy day's events, and what a
// clock that is kept by NTP never reaches.
const BEHIND_MANY = 1000;
const OFFSET_MANY_MS = 1000;

function Readiness({ service }: { service: ServiceStatus }) {
	if (!service.reachable)
		return <span class="mark tone-bad"><span aria-hidden="true">▲</span> {t("system.unreachable")}</span>;
	if (service.not_ready)
		return <span class="mark tone-warn"><span aria-hidden="true">◆</span> {t("system.not_ready")}: <span lang="en">{service.not_ready}</span></span>;
	return <span class="mark tone-good"><span aria-hidden="true">✓</span> {t("system.ready")}</span>;
}

function Behind({ service }: { service: ServiceStatus }) {
	const behind = count(service.events_behind);
	if (!service.events_behind_at_us) return <span class="soft">–</span>;
	if (behind === 0) return <>{t("system.level")}</>;
	return (
		<span class={behind > BEHIND_MANY ? "mark tone-warn" : ""}>
			{behind > BEHIND_MANY && <span aria-hidden="true">◆ </span>}{format.integer(behind)}
		</span>
	);
}

// Shard by shard, for those who look for the one that stands still.
function Heads({ service }: { service: ServiceStatus }) {
	const heads = service.heads ?? [];
	if (heads.length === 0) return <>–</>;
	return (
		<details>
			<summary>{t("system.shards", { n: heads.length })}</summary>
			<p class="soft">{heads.map((h) => `${h.shard ?? 0}: ${format.integer(count(h.offset))}`).join(" · ")}</p>
		</details>
	);
}

function Clocks({ reply }: { reply: GetSystemReply }) {
	const offset = count(reply.database_offset_ms);
	const far = Math.abs(offset) > OFFSET_MANY_MS;
	const facts: [string, string][] = [
		[t("system.gateway_clock"), reply.now_us ? format.timeExact(reply.now_us) : "–"],
		[t("system.started"), reply.started_at_us ? format.timeExact(reply.started_at_us) : "–"],
		[t("system.version"), reply.version ?? "–"],
		[t("system.directory_revision"), format.integer(count(reply.directory_revision))],
		[t("system.sessions"), format.integer(reply.sessions ?? 0)],
		[t("system.listeners"), format.integer(reply.listeners ?? 0)],
	];
	return (
		<dl class="facts">
			<div>
				<dt>{t("system.database_offset")}</dt>
				<dd>
					<span class={far ? "mark tone-bad" : ""}>
						{far && <span aria-hidden="true">▲ </span>}
						{reply.database_at_us ? t("system.ms", { n: format.integer(offset) }) : "–"}
					</span>
				</dd>
			</div>
			{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
		</dl>
	);
}

export function SystemPage({ who }: { who: Principal }) {
	const reply = useFetched<GetSystemReply>("/api/v1/system");
	useEffect(() => {
		const timer = setInterval(() => {
			if (!document.hidden) reply.reload();
		}, EVERY_MS);
		return () => clearInterval(timer);
	}, []);
	const services = reply.data?.services ?? [];
	return (
		<Page title={t("nav.system")} note={t("system.note", { n: EVERY_MS / 1000 })}>
			<SystemTabs who={who} at="/system" />
			{reply.error && <ProblemBox error={reply.error} kept={reply.data && t("problem.kept_numbers")} onRetry={reply.reload} />}
			<section class="panel" aria-labelledby="services-title">
				<h2 id="services-title">{t("system.services")}</h2>
				<table class="list cards">
					<caption class="unseen">{t("system.services")}</caption>
					<thead>
						<tr>
							<th scope="col">{t("system.service")}</th>
							<th scope="col">{t("system.state")}</th>
							<th scope="col" class="num">{t("system.processes")}</th>
							<th scope="col" class="num">{t("system.events")}</th>
							<th scope="col" class="num">{t("system.behind")}</th>
							<th scope="col">{t("system.heads")}</th>
						</tr>
					</thead>
					<tbody>
						{services.map((service) => (
							<tr key={service.name}>
								<th scope="row">{service.name}</th>
								<td data-label={t("system.state")}><Readiness service={service} /></td>
								<td class="num" data-label={t("system.processes")}>{format.integer(service.replicas ?? 0)}</td>
								<td class="num" data-label={t("system.events")}>{format.integer(count(service.events))}</td>
								<td class="num" data-label={t("system.behind")}><Behind service={service} /></td>
								<td data-label={t("system.heads")}><Heads service={service} /></td>
							</tr>
						))}
					</tbody>
				</table>
				{services.length === 0 && <p class="empty">{reply.error ? "" : t("state.loading")}</p>}
			</section>
			<section class="panel" aria-labelledby="clocks-title">
				<h2 id="clocks-title">{t("system.clocks")}</h2>
				{reply.data ? <Clocks reply={reply.data} /> : <p class="empty">{reply.error ? "" : t("state.loading")}</p>}
			</section>
		</Page>
	);
}
