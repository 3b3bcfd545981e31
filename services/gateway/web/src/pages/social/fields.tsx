// The fields that lists of this section are asked by. They stand in the address.
import { t } from "../../i18n/i18n";
import { useTerms } from "../../lib/names";
import { setQuery } from "../../lib/router";

interface SelectProps {
	name: string; // of the address
	label: string;
	value: string;
	options: [string, string][];
	none?: string;
}

export function SelectField({ name, label, value, options, none }: SelectProps) {
	return (
		<label>
			<span>{label}</span>
			<select class="control" name={name} value={value} onChange={(e) => setQuery({ [name]: e.currentTarget.value })}>
				<option value="">{none ?? t("filter.all")}</option>
				{options.map(([code, text]) => <option key={code} value={code}>{text}</option>)}
				{value !== "" && !options.some(([code]) => code === value) && <option value={value}>{value}</option>}
			</select>
		</label>
	);
}

export function TopicField({ value }: { value: string }) {
	const topics = useTerms("topic");
	return <SelectField name="topic" label={t("field.topic")} value={value} options={topics.codes.map((code) => [code, topics.name(code)])} />;
}
