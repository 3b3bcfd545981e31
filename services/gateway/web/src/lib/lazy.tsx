// Pages that most people never open are fetched when they are.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/i18n";
import { ProblemBox } from "../parts/problem";
import { ApiError } from "./api";

export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
	let loaded: ComponentType<P> | undefined;
	return function Lazy(props: P) {
		const [round, setRound] = useState(0);
		const [failed, setFailed] = useState(false);
		useEffect(() => {
			if (loaded) return;
			load().then(
				(component) => {
					loaded = component;
					setRound((n) => n + 1);
				},
				() => setFailed(true),
			);
		}, [round]);
		if (loaded) {
			const Page = loaded;
			return <Page {...props} />;
		}
		if (failed)
			return <ProblemBox error={new ApiError(0, {})} onRetry={() => { setFailed(false); setRound((n) => n + 1); }} />;
		return <p class="unseen" aria-busy="true">{t("state.loading")}</p>;
	};
}
