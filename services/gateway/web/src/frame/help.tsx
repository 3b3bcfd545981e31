// The keys, in a dialog of the browser's own: it keeps the focus inside and gives it
// back.
import { useEffect, useRef } from "preact/hooks";
import { t, type Key } from "../i18n/i18n";
import { sections } from "./sections";

export const pageKeys: readonly [string, Key][] = [
	["/", "keys.search"],
	["?", "keys.help"],
	["j", "keys.down"],
	["k", "keys.up"],
	["Enter", "keys.open"],
	["u", "keys.back"],
	["t", "keys.table"],
	["n", "keys.fresh"],
	["x", "keys.choose"],
	["w", "keys.take_next"],
];

export function KeyTable() {
	return (
		<table class="keys">
			<caption class="unseen">{t("keys.title")}</caption>
			<thead class="unseen">
				<tr><th scope="col">{t("keys.key")}</th><th scope="col">{t("keys.does")}</th></tr>
			</thead>
			<tbody>
				{pageKeys.map(([key, what]) => (
					<tr key={key}><td><kbd>{key}</kbd></td><td>{t(what)}</td></tr>
				))}
				{sections.map((section) => (
					<tr key={section.path}>
						<td><kbd>g</kbd> <kbd>{section.letter}</kbd></td>
						<td>{t(section.label)}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

export function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
	const dialog = useRef<HTMLDialogElement>(null);
	useEffect(() => {
		if (open && !dialog.current?.open) dialog.current?.showModal();
		if (!open) dialog.current?.close();
	}, [open]);
	return (
		<dialog ref={dialog} class="dialog" aria-labelledby="help-title" onClose={onClose}>
			<h2 id="help-title">{t("keys.title")}</h2>
			{open && <KeyTable />}
			<button type="button" class="button" onClick={onClose}>{t("action.close_dialog")}</button>
		</dialog>
	);
}
