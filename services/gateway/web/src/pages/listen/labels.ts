// The words of a label of the model, as the pages have them; a topic stays its code.
import { word } from "../../i18n/i18n";
import { mentionClasses, sentiments } from "../social/types";

export function labelOf(label: string): string {
	const upper = label.toUpperCase();
	const mentionClass = mentionClasses.find((name) => name === upper || name === `MENTION_${upper}`);
	if (mentionClass) return word("mention_class", mentionClass.slice("MENTION_".length).toLowerCase());
	const sentiment = sentiments.find((name) => name === upper || name === `SENTIMENT_${upper}`);
	return sentiment ? word("sentiment", sentiment) : label;
}
