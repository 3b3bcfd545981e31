import { defineConfig } from "vite";

// The address of the gateway while the pages are worked on: `SUYUAN_API=... npm run dev`.
const api = process.env["SUYUAN_API"] ?? "http://127.0.0.1:17130";

export default defineConfig({
	// Relative to <base>, which the gateway sets to its path prefix.
	base: "./",
	esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
	build: {
		target: "es2021",
		// No data: addresses and no inline script, whatever the size: the
		// policy of the pages allows neither.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		chunkSizeWarningLimit: 700,
		// The pages for everybody begin by themselves: neither loads the other's.
		rollupOptions: { input: ["index.html", "public.html"] },
	},
	server: { proxy: { "/api": api } },
});
