// A button for what is done at once and can be taken back; a refusal stands beside it.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t } from "../../i18n/i18n";
import { ApiError } from "../../lib/api";
import { ProblemBox } from "../../parts/problem";

interface Props {
	main?: boolean;
	does: () => Promise<void>;
	children: ComponentChildren;
}

export function DoButton({ main, does, children }: Props) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();
	const act = async (): Promise<void> => {
		setBusy(true);
		setError(undefined);
		try {
			await does();
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
		setBusy(false);
	};
	return (
		<>
			<button type="button" class={main ? "button button-main" : "button"} disabled={busy} onClick={() => void act()}>
				{busy ? t("state.waiting") : children}
			</button>
			{error && <ProblemBox error={error} />}
		</>
	);
}
