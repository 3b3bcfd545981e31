// Language and ground, for who is signed in and who is not.
import { useState } from "preact/hooks";
import { lang, languages, setLang, t, type Key, type Lang } from "../i18n/i18n";
import { setQuery, usePlace } from "../lib/router";
import { setTheme, theme, type Theme } from "./theme";

const themes: readonly Theme[] = ["auto", "light", "dark"];

export function Settings() {
	const [chosen, choose] = useState(theme());
	const asked = usePlace().query["lang"];
	return (
		<div class="settings">
			<label>
				<span>{t("settings.language")}</span>
				<select
					class="control"
					value={lang()}
					onChange={(event) => {
						setLang(event.currentTarget.value as Lang);
						if (asked !== undefined) setQuery({ lang: "" }, "replace");
					}}
				>
					{languages.map((l) => (
						<option key={l.lang} value={l.lang} lang={l.lang}>{l.name}</option>
					))}
					{lang() === "xx" && <option value="xx">{t("settings.pseudo")}</option>}
				</select>
			</label>
			<label>
				<span>{t("settings.theme")}</span>
				<select
					class="control"
					value={chosen}
					onChange={(event) => {
						const next = event.currentTarget.value as Theme;
						setTheme(next);
						choose(next);
					}}
				>
					{themes.map((name) => (
						<option key={name} value={name}>{t(`settings.theme.${name}` as Key)}</option>
					))}
				</select>
			</label>
		</div>
	);
}
