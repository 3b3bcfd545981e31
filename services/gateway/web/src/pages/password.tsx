import { useState } from "preact/hooks";
import { t } from "../i18n/i18n";
import { ApiError, send } from "../lib/api";
import { NewPasswordFields, passwordFault } from "../parts/new-password";
import { Page } from "../parts/page";
import { ProblemBox } from "../parts/problem";

export function PasswordPage() {
	const [old, setOld] = useState("");
	const [value, setValue] = useState({ first: "", second: "" });
	const [fault, setFault] = useState("");
	const [done, setDone] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();

	const submit = async (event: Event): Promise<void> => {
		event.preventDefault();
		const found = passwordFault(value);
		setFault(found);
		setError(undefined);
		setDone(false);
		if (found !== "") return;
		try {
			await send("POST", "/api/v1/session/password", { password: old, new_password: value.first });
			setDone(true);
			setOld("");
			setValue({ first: "", second: "" });
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
	};
	return (
		<Page title={t("password.title")} note={t("password.note")}>
			<form onSubmit={submit} class="form panel">
				<label>
					<span>{t("password.old")}</span>
					<input
						class="control"
						type="password"
						autocomplete="current-password"
						required
						value={old}
						onInput={(e) => setOld(e.currentTarget.value)}
					/>
				</label>
				<NewPasswordFields value={value} fault={fault} onChange={setValue} />
				{error && <ProblemBox error={error} />}
				{done && <p class="box box-good" role="status"><span aria-hidden="true">✓</span> {t("password.done")}</p>}
				<button class="button button-main">{t("password.change")}</button>
			</form>
		</Page>
	);
}
