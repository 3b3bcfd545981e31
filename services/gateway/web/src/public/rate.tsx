// The link that a customer was sent: its code comes behind #, which no log sees, and
// leaves the address at once.
import { useState } from "preact/hooks";
import { go, here, prefix } from "../lib/router";
import { RatingField } from "./acts";
import { FaultList, Field, ProblemLine, SendButton, useSending } from "./form";
import { say } from "./words";

let code = "";

export function takeRatingCode(): void {
	if (here().path.replace(/\/$/, "") !== "/public/rate" || window.location.hash.length < 2) return;
	code = decodeURIComponent(window.location.hash.slice(1));
	go(`${prefix()}/public/rate${window.location.search}`, "replace");
}

export function RatePage() {
	const [rating, setRating] = useState(0);
	const [text, setText] = useState("");
	const [done, setDone] = useState(false);
	const sending = useSending();
	if (done) return <p role="status" class="box">{say("rate.thanks")}</p>;
	if (code === "" || sending.faults["code"]) return <p role="alert" class="box">{say("rate.gone")}</p>;
	const submit = async (event: Event): Promise<void> => {
		event.preventDefault();
		sending.name(rating === 0 ? ["rating"] : []);
		if (rating !== 0 && (await sending.post("/ratings", { code, rating, text }))) setDone(true);
	};
	return (
		<form noValidate onSubmit={submit}>
			<FaultList faults={sending.faults} />
			<RatingField value={rating} fault={sending.faults["rating"]} onChange={setRating} />
			<Field name="text" label={say("follow.rate.text")} optional faults={sending.faults}>
				{(tie) => <textarea {...tie} rows={4} maxLength={15000} value={text} onInput={(e) => setText(e.currentTarget.value)} />}
			</Field>
			<ProblemLine text={sending.problem} />
			<SendButton busy={sending.busy}>{say("form.send")}</SendButton>
		</form>
	);
}
