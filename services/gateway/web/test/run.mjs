// Bundles the tests and runs them with node's own runner: no test framework to keep.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const tests = readdirSync(here).filter((name) => name.endsWith(".test.ts"));
const out = mkdtempSync(join(tmpdir(), "suyuan-web-"));
try {
	await build({
		entryPoints: tests.map((name) => join(here, name)),
		bundle: true,
		platform: "node",
		format: "esm",
		outExtension: { ".js": ".mjs" },
		jsx: "automatic",
		jsxImportSource: "preact",
		outdir: out,
		logLevel: "warning",
	});
	const files = readdirSync(out).map((name) => join(out, name));
	process.exitCode = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
	rmSync(out, { recursive: true });
}
