// An approved answer, filled from the case, into the text that is being written.
import { useState } from "preact/hooks";
import { labelText, locale, t } from "../../i18n/i18n";
import { ApiError, apiPath, send } from "../../lib/api";
import { useFetched } from "../../lib/fetched";
import type { ListTemplatesReply, RenderTemplateReply } from "../../lib/types";
import { ProblemBox } from "../../parts/problem";

interface Props {
	appealId?: string; // none: of no case
	topic: string | undefined;
	kind?: string | undefined;
	onText: (text: string, code: string) => void; // joins what is there
}

export function TemplatePicker({ appealId, topic, kind, onText }: Props) {
	const offered = useFetched<ListTemplatesReply>(apiPath("/templates", { state: "DESK_APPROVED", topic, kind })).data?.templates ?? [];
	const [missing, setMissing] = useState<readonly string[]>([]);
	const [error, setError] = useState<ApiError | undefined>();
	if (offered.length === 0) return null;

	const take = async (code: string): Promise<void> => {
		setError(undefined);
		setMissing([]);
		try {
			const filled = await send<RenderTemplateReply>("POST", apiPath(`/templates/${encodeURIComponent(code)}/rendering`), {
				...(appealId === undefined ? {} : { appeal_id: appealId }),
				lang: locale(),
				purpose: "DESK_ANSWER",
			});
			setMissing(filled.missing ?? []);
			onText(filled.text ?? "", code);
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
	};
	return (
		<>
			<label>
				<span>{t("template.take")}</span>
				<select class="control" value="" onChange={(e) => e.currentTarget.value !== "" && void take(e.currentTarget.value)}>
					<option value="">{t("field.choose")}</option>
					{offered.map((one) => <option key={one.code} value={one.code}>{labelText(one.names, one.code)}</option>)}
				</select>
			</label>
			{missing.length > 0 && <p class="mark tone-warn"><span aria-hidden="true">◆</span> {t("template.missing", { fields: missing.join(", ") })}</p>}
			{error && <ProblemBox error={error} kept={t("action.kept")} />}
		</>
	);
}
