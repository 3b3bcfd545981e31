// An error says what happened, what was kept, and what to do.
import { t, word } from "../i18n/i18n";
import type { ApiError } from "../lib/api";

const titles: Record<number, "problem.offline" | "problem.busy" | "problem.forbidden" | "problem.not_found" | "problem.conflict" | "problem.too_many"> = {
	0: "problem.offline",
	403: "problem.forbidden",
	404: "problem.not_found",
	409: "problem.conflict",
	429: "problem.too_many",
	502: "problem.busy",
	503: "problem.busy",
	504: "problem.busy",
};

export function problemText(error: ApiError): string {
	return t(titles[error.status] ?? "problem.other");
}

interface ProblemProps {
	error: ApiError;
	kept?: string | undefined;
	onRetry?: (() => void) | undefined;
}

export function ProblemBox({ error, kept, onRetry }: ProblemProps) {
	const { problem, status } = error;
	const field = problem.field ?? problem.pointer?.slice(1).replaceAll("/", ".");
	return (
		<div class="box box-bad" role="alert">
			<p><strong><span aria-hidden="true">▲</span> {problemText(error)}</strong></p>
			{problem.detail && (
				<p>
					{field ? <><b>{word("field", field)}</b>{": "}</> : null}
					<span lang="en">{problem.detail}</span>
				</p>
			)}
			{kept && <p>{kept}</p>}
			<p class="soft">
				{problem.code ?? status}
				{onRetry && <> <button type="button" class="button" onClick={onRetry}>{t("action.retry")}</button></>}
			</p>
		</div>
	);
}
