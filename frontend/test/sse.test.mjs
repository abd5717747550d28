import assert from "node:assert/strict";
import { test } from "node:test";
import { createSseParser } from "../js/sse.js";

const WHOLE = "event: delta\nid: 7\ndata: {\"a\":1}\n\n: ping\n\nevent: done\r\nid: 8\r\ndata: x\r\ndata: y\r\n\r\n";

test("reads names, ids and joined data, and skips comments", () => {
  assert.deepEqual(createSseParser().feed(WHOLE), [
    { event: "delta", id: "7", data: '{"a":1}' },
    { event: "done", id: "8", data: "x\ny" },
  ]);
});

test("a stream cut at any byte gives the same events", () => {
  const whole = createSseParser().feed(WHOLE);
  for (let cut = 1; cut < WHOLE.length; cut += 1) {
    const parser = createSseParser();
    assert.deepEqual([...parser.feed(WHOLE.slice(0, cut)), ...parser.feed(WHOLE.slice(cut))], whole, `cut at ${cut}`);
  }
});

test("one character at a time gives the same events", () => {
  const parser = createSseParser();
  assert.deepEqual([...WHOLE].flatMap((letter) => parser.feed(letter)), createSseParser().feed(WHOLE));
});

test("an event that is not finished is not given", () => {
  assert.deepEqual(createSseParser().feed("event: delta\ndata: half\n"), []);
});

test("the last id stays when an event has none", () => {
  assert.deepEqual(createSseParser().feed("id: 3\ndata: a\n\ndata: b\n\n").map(({ id }) => id), ["3", "3"]);
});
