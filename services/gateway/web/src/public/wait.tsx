import { problemText } from "./form";
import type { Loaded } from "./loaded";
import { say } from "./words";

export function Wait({ of }: { of: Loaded<unknown> }) {
	if (of.error) return <p class="box box-bad" role="alert"><span aria-hidden="true">▲</span> {problemText(of.error)}</p>;
	return <p class="soft" aria-busy="true">{say("app.loading")}</p>;
}
