import { useState } from "preact/hooks";
import { t } from "../i18n/i18n";
import { ApiError, send } from "../lib/api";
import { address } from "../lib/router";
import type { Session } from "../lib/types";
import { NewPasswordFields, passwordFault } from "../parts/new-password";
import { ProblemBox } from "../parts/problem";
import { Gate } from "./gate";

export function InvitePage({ code, onSignedIn }: { code: string; onSignedIn: (s: Session) => void }) {
	const [value, setValue] = useState({ first: "", second: "" });
	const [fault, setFault] = useState("");
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();

	const submit = async (event: Event): Promise<void> => {
		event.preventDefault();
		const found = passwordFault(value);
		setFault(found);
		if (found !== "") return;
		setBusy(true);
		setError(undefined);
		try {
			onSignedIn(
				await send<Session>("POST", "/api/v1/invites/accept", { code, password: value.first }),
			);
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
			setBusy(false);
		}
	};
	const over = error && [401, 403, 404, 409].includes(error.status);
	return (
		<Gate title={t("invite.title")}>
			<p>{t("invite.text")}</p>
			<form onSubmit={submit} class="form">
				<NewPasswordFields value={value} fault={fault} onChange={setValue} />
				{over && <p class="box box-bad" role="alert"><span aria-hidden="true">▲</span> {t("invite.over")}</p>}
				{error && !over && <ProblemBox error={error} />}
				<button class="button button-main" disabled={busy}>
					{busy ? t("state.waiting") : t("invite.accept")}
				</button>
			</form>
			<p><a href={address("/")}>{t("session.sign_in")}</a></p>
		</Gate>
	);
}
