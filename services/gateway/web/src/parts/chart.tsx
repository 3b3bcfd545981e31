// A picture: drawn by a module that is fetched when the first one is shown, and again
// when what it shows, the language or light and dark change.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Drawn } from "../chart/drawing";
import { onTheme } from "../frame/theme";
import { lang, t } from "../i18n/i18n";

interface Props {
	draw: () => Promise<(box: HTMLElement) => Drawn>;
	of: readonly unknown[]; // what the picture is made of
	label: string;
}

export function Chart({ draw, of, label }: Props) {
	const box = useRef<HTMLDivElement>(null);
	const [failed, setFailed] = useState(false);
	useEffect(() => {
		let gone = false;
		let stop: () => void = () => undefined;
		draw().then(
			(into) => {
				if (gone || !box.current) return;
				const drawn = into(box.current);
				const unsubscribe = onTheme(drawn.repaint);
				stop = () => {
					unsubscribe();
					drawn.dispose();
				};
			},
			() => setFailed(true),
		);
		return () => {
			gone = true;
			stop();
		};
	}, [...of, lang()]);
	if (failed) return <p class="chart soft">{t("series.no_picture")}</p>;
	return <div class="chart" ref={box} role="img" aria-label={label} />;
}
