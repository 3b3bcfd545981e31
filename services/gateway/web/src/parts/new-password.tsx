// A new password, typed twice. Length is all that is asked: a sentence is good.
import { t } from "../i18n/i18n";

export const PASSWORD_MIN = 12;
const PASSWORD_MAX = 256;

export interface NewPassword {
	first: string;
	second: string;
}

export function passwordFault(p: NewPassword): string {
	if ([...p.first].length < PASSWORD_MIN) return t("password.short", { n: PASSWORD_MIN });
	return p.first === p.second ? "" : t("password.differ");
}

interface Props {
	value: NewPassword;
	fault: string; // "" while nothing was sent yet
	onChange: (next: NewPassword) => void;
}

export function NewPasswordFields({ value, fault, onChange }: Props) {
	const field = (name: keyof NewPassword, label: string) => (
		<label>
			<span>{label}</span>
			<input
				class="control"
				type="password"
				name={`password-${name}`}
				autocomplete="new-password"
				required
				maxLength={PASSWORD_MAX}
				aria-describedby="password-rule"
				aria-invalid={fault !== ""}
				value={value[name]}
				onInput={(e) => onChange({ ...value, [name]: e.currentTarget.value })}
			/>
		</label>
	);
	return (
		<>
			{field("first", t("password.new"))}
			{field("second", t("password.again"))}
			<p id="password-rule" class="soft">{t("password.rule", { n: PASSWORD_MIN })}</p>
			{fault !== "" && (
				<p class="box box-bad" role="alert"><span aria-hidden="true">▲</span> {fault}</p>
			)}
		</>
	);
}
