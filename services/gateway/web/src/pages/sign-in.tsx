import { useState } from "preact/hooks";
import { t } from "../i18n/i18n";
import { ApiError, send } from "../lib/api";
import type { Session } from "../lib/types";
import { ProblemBox } from "../parts/problem";
import { Gate } from "./gate";

export function SignInPage({ ended, onSignedIn }: { ended: boolean; onSignedIn: (s: Session) => void }) {
	const [name, setName] = useState("");
	const [password, setPassword] = useState("");
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();

	const submit = async (event: Event): Promise<void> => {
		event.preventDefault();
		setBusy(true);
		setError(undefined);
		try {
			onSignedIn(await send<Session>("POST", "/api/v1/session", { name: name.trim(), password }));
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
			setPassword("");
			setBusy(false);
		}
	};
	// Wrong name and wrong password are told apart to nobody.
	const refused = error && [400, 401, 403, 404].includes(error.status);
	return (
		<Gate title={t("session.sign_in")}>
			{ended && <p class="box box-warn" role="status">{t("session.ended")}</p>}
			<form onSubmit={submit} class="form">
				<label>
					<span>{t("session.name")}</span>
					<input
						class="control"
						name="name"
						autocomplete="username"
						autocapitalize="none"
						spellcheck={false}
						required
						maxLength={64}
						value={name}
						onInput={(e) => setName(e.currentTarget.value)}
					/>
				</label>
				<label>
					<span>{t("session.password")}</span>
					<input
						class="control"
						name="password"
						type="password"
						autocomplete="current-password"
						required
						maxLength={256}
						value={password}
						onInput={(e) => setPassword(e.currentTarget.value)}
					/>
				</label>
				{refused && (
					<p class="box box-bad" role="alert"><span aria-hidden="true">▲</span> {t("session.refused")}</p>
				)}
				{error && !refused && <ProblemBox error={error} />}
				<button class="button button-main" disabled={busy}>
					{busy ? t("state.waiting") : t("session.sign_in")}
				</button>
			</form>
			<p class="soft">{t("session.no_account")}</p>
		</Gate>
	);
}
