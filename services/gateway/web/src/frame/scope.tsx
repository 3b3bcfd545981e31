// Search and scope in one field: a unit becomes the scope of all views, the number
// of a case opens it. A combobox as ARIA describes it: the keyboard stays in the field.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n";
import { apiPath } from "../lib/api";
import { useFetched } from "../lib/fetched";
import { unitName, useUnit } from "../lib/names";
import { address, go, setQuery } from "../lib/router";
import type { SearchUnitsReply } from "../lib/types";

export const searchId = "search";
const caseNumber = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

interface Option {
	key: string;
	name: string;
	note: string;
	choose: () => void;
}

function useOptions(text: string): { options: Option[]; busy: boolean } {
	const [asked, setAsked] = useState("");
	useEffect(() => {
		const timer = setTimeout(() => setAsked(text.trim()), 150);
		return () => clearTimeout(timer);
	}, [text]);
	const isCase = caseNumber.test(asked);
	const { before, busy } = useFetched<SearchUnitsReply>(
		asked === "" || isCase ? null : apiPath("/units/search", { text: asked, limit: 12 }),
	);
	if (asked === "") return { options: [], busy: false };
	if (isCase)
		return {
			busy: false,
			options: [
				{
					key: asked,
					name: t("scope.open_case"),
					note: asked,
					choose: () => go(address(`/appeals/${asked.toLowerCase()}`)),
				},
			],
		};
	const options = (before?.units ?? []).map((unit, i) => ({
		key: unit.code,
		name: unitName(unit, unit.code),
		note: (before?.paths?.[i] ?? unit.code).replaceAll("/", " › "),
		choose: () => setQuery({ unit: unit.code, cursor: "" }),
	}));
	return { options, busy: busy || asked !== text.trim() };
}

export function Scope({ unit, root }: { unit: string; root: string }) {
	const [text, setText] = useState("");
	const [open, setOpen] = useState(false);
	const [active, setActive] = useState(0);
	const box = useRef<HTMLDivElement>(null);
	const input = useRef<HTMLInputElement>(null);
	const { options, busy } = useOptions(open ? text : "");
	const shown = unit === "" ? root : unit;
	const known = useUnit(shown === "" ? null : shown);
	const name = shown === "" ? t("scope.all") : unitName(known?.unit, shown);

	const close = (): void => {
		setOpen(false);
		setText("");
		setActive(0);
	};
	const choose = (option: Option | undefined): void => {
		if (!option) return;
		option.choose();
		close();
		input.current?.blur();
	};
	const pressed = (event: KeyboardEvent): void => {
		if (event.key === "ArrowDown") setActive(Math.min(active + 1, options.length - 1));
		else if (event.key === "ArrowUp") setActive(Math.max(active - 1, 0));
		else if (event.key === "Enter") choose(options[active]);
		else if (event.key === "Escape") {
			close();
			input.current?.blur();
		} else return;
		event.preventDefault();
	};

	return (
		<div
			class="scope"
			ref={box}
			onFocusOut={(event) => {
				if (!box.current?.contains(event.relatedTarget as Node | null)) close();
			}}
		>
			<label class="unseen" for={searchId}>{t("scope.label")}</label>
			<input
				id={searchId}
				ref={input}
				class="control"
				role="combobox"
				type="text"
				autocomplete="off"
				spellcheck={false}
				maxLength={100}
				aria-expanded={open && text !== ""}
				aria-controls="search-list"
				aria-autocomplete="list"
				aria-describedby="scope-now"
				aria-activedescendant={open && options[active] ? `search-${active}` : undefined}
				placeholder={open ? t("scope.placeholder") : name}
				value={open ? text : name}
				onFocus={() => setOpen(true)}
				onInput={(event) => {
					setText(event.currentTarget.value);
					setActive(0);
				}}
				onKeyDown={pressed}
			/>
			<span class="unseen" id="scope-now">{t("scope.now", { name })}</span>
			{unit !== "" && !open && (
				<button
					type="button"
					class="scope-clear"
					title={t("scope.clear")}
					aria-label={t("scope.clear")}
					onClick={() => setQuery({ unit: "", cursor: "" })}
				>
					×
				</button>
			)}
			<ul
				class="options"
				id="search-list"
				role="listbox"
				aria-label={t("scope.found")}
				hidden={!open || text.trim() === ""}
			>
				{options.map((option, i) => (
					<li
						key={option.key}
						id={`search-${i}`}
						role="option"
						aria-selected={i === active}
						onMouseDown={(event) => {
							event.preventDefault();
							choose(option);
						}}
					>
						<span>{option.name}</span>
						<small>{option.note}</small>
					</li>
				))}
				{options.length === 0 && (
					<li class="options-none" role="option" aria-selected={false} aria-disabled={true}>
						{busy ? t("state.searching") : t("scope.nothing")}
					</li>
				)}
			</ul>
		</div>
	);
}
