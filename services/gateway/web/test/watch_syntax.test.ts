import assert from "node:assert/strict";
import { test } from "node:test";
import { watchPieces } from "../src/pages/listen/watch_syntax";

const kinds = (rule: string) =>
	watchPieces(rule)
		.filter((piece) => piece.kind !== "space")
		.map((piece) => `${piece.kind} ${piece.text}`);

test("a rule has the pieces that the service reads", () => {
	assert.deepEqual(kinds('почт* NEAR/3 (~окно OR "нет \\"окон\\"") source:"a b" reach>=10 NOT cat'), [
		"wildcard почт*",
		"near NEAR/3",
		"bracket (",
		"wildcard ~окно",
		"keyword OR",
		'phrase "нет \\"окон\\""',
		"bracket )",
		'field source:"a b"',
		"field reach>=10",
		"keyword NOT",
		"word cat",
	]);
});

test("only capitals are keywords, and an input method's signs are signs", () => {
	assert.deepEqual(kinds("and ANDROID（快递 «нет окон»）lang：zh"), [
		"word and",
		"word ANDROID",
		"bracket （",
		"word 快递",
		"phrase «нет окон»",
		"bracket ）",
		"field lang：zh",
	]);
});

test("any text comes out whole", () => {
	for (const rule of ["", ' a "b', "((", "«", "x:y z>", '"\\', "😡\n\tb", "NEAR/ NEAR/x"])
		assert.equal(
			watchPieces(rule)
				.map((piece) => piece.text)
				.join(""),
			rule,
		);
	assert.deepEqual(kinds('a "b c'), ["word a", 'open "b c']);
});
