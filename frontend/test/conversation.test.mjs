import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiProblem } from "../js/api.js";
import { createConversation } from "../js/conversation.js";
import { createStore } from "../js/state.js";

const WHY = { move: null, rule: "r", sources: [], emotion: null, tier: "none", lint: [] };
const done = (text) => ({ type: "done", message_id: "m", text, degraded: false, why: WHY, timings_ms: {} });
const VIEW = { id: "s", locale: "en", country: null, expires_at: "", transcript: [], exercise: null };

function setUp(overrides = {}) {
  const kept = new Map();
  const calls = [];
  let keys = 0;
  const api = {
    createSession: async () => ({ id: "s", token: "secret", expires_at: "", greeting: "Hello", notice: "An AI" }),
    session: async () => VIEW,
    deleteSession: async () => calls.push(["delete"]),
    ...overrides,
  };
  const store = createStore();
  const conversation = createConversation({
    api, store, newKey: () => `key-${++keys}`, sleep: async () => {},
    storage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) },
    config: { resumeDelaysMs: [1, 1] }, words: () => ({ notice: "An AI", greeting: "Hello" }),
  });
  return { api, store, conversation, kept, calls };
}

const streamOf = (...events) => async function* stream() {
  for (const [index, event] of events.entries()) {
    if (event instanceof Error) throw event;
    yield { id: String(index + 1), event };
  }
};
const reply = (store) => store.state.turns.at(-1).reply;

test("a message is sent, its reply arrives, and storage holds no word of either", async () => {
  const { store, conversation, kept } = setUp({
    sendMessage: streamOf({ type: "accepted", message_id: "m" }, { type: "delta", text: "Hi." }, done("Hi.")),
  });
  await conversation.open({ locale: "en" });
  await conversation.send("my secret sorrow");
  assert.equal(reply(store).text, "Hi.");
  assert.deepEqual(JSON.parse(kept.get("attune.session")), { id: "s", token: "secret" });
});

test("a cut stream resumes after the last event that was heard", async () => {
  const asked = [];
  const { store, conversation } = setUp({
    sendMessage: streamOf({ type: "accepted", message_id: "m" }, { type: "delta", text: "One. " }, new ApiProblem("network")),
    resumeMessage: (session, { messageId, lastEventId }) => {
      asked.push([messageId, lastEventId]);
      return streamOf({ type: "delta", text: "Two." }, done("One. Two."))();
    },
  });
  await conversation.open({ locale: "en" });
  await conversation.send("hello");
  assert.deepEqual(asked, [["m", "2"]]);
  assert.equal(reply(store).text, "One. Two.");
  assert.equal(reply(store).status, "done");
});

test("a stream that ends without done is resumed too, and given up in the end", async () => {
  const { store, conversation } = setUp({
    sendMessage: streamOf({ type: "accepted", message_id: "m" }, { type: "delta", text: "One. " }),
    resumeMessage: streamOf(new ApiProblem("network")),
  });
  await conversation.open({ locale: "en" });
  await conversation.send("hello");
  assert.equal(reply(store).status, "failed");
  assert.equal(reply(store).problem.code, "interrupted");
  assert.equal(reply(store).text, "One. ");
});

test("a retry keeps its idempotency key while the first try's fate is unknown, and takes a new one after an error", async () => {
  const sent = [];
  const answers = [
    streamOf(new ApiProblem("network")),
    streamOf({ type: "accepted", message_id: "m" }, { type: "error", problem: { code: "x" } }),
    streamOf({ type: "accepted", message_id: "m2" }, done("Hi.")),
  ];
  const { store, conversation } = setUp({
    sendMessage: (session, { key }) => {
      sent.push(key);
      return answers.shift()();
    },
  });
  await conversation.open({ locale: "en" });
  await conversation.send("hello");
  const { key } = store.state.turns.at(-1);
  await conversation.retry(key);
  await conversation.retry(key);
  assert.equal(sent[0], sent[1]);
  assert.notEqual(sent[1], sent[2]);
  assert.equal(reply(store).status, "done");
  assert.equal(store.state.turns.length, 2);
});

test("stop ends the turn at once and keeps what was written", async () => {
  const { store, conversation } = setUp({
    async *sendMessage(session, { signal }) {
      yield { id: "1", event: { type: "delta", text: "Half " } };
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new DOMException("", "AbortError"))));
    },
  });
  await conversation.open({ locale: "en" });
  const turn = conversation.send("hello");
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(await conversation.send("second"), false, "one turn at a time");
  conversation.stop();
  await turn;
  assert.equal(reply(store).status, "stopped");
  assert.equal(reply(store).text, "Half ");
});

test("a refresh in the middle of a reply plays it again and then shows what is stored", async () => {
  const stored = { ...VIEW, transcript: [
    { message_id: "m", role: "user", text: "hello", emotion: null }, { message_id: "m", role: "assistant", text: "Hi.", emotion: null },
  ] };
  const views = [VIEW, stored];
  const { store, conversation, kept } = setUp({
    session: async () => views.shift(),
    resumeMessage: streamOf({ type: "accepted", message_id: "m" }, { type: "delta", text: "Hi." }, done("Hi.")),
  });
  kept.set("attune.session", JSON.stringify({ id: "s", token: "secret", turn: "m" }));
  assert.equal(await conversation.restore(), "restored");
  assert.equal(store.state.turns.at(-1).user.text, "hello");
  assert.equal(reply(store).text, "Hi.");
  assert.equal(store.state.turns.length, 2);
});

test("a talk that is gone is forgotten", async () => {
  const { conversation, kept } = setUp({ session: async () => { throw new ApiProblem("session_not_found", 404); } });
  kept.set("attune.session", JSON.stringify({ id: "s", token: "secret" }));
  assert.equal(await conversation.restore(), "gone");
  assert.equal(kept.size, 0);
});

test("no network on a refresh keeps the way back", async () => {
  const { conversation, kept } = setUp({ session: async () => { throw new ApiProblem("network"); } });
  kept.set("attune.session", JSON.stringify({ id: "s", token: "secret" }));
  assert.equal(await conversation.restore(), "unreachable");
  assert.equal(kept.size, 1);
});

test("delete asks the gateway and clears the page; a failed delete clears nothing", async () => {
  const { store, conversation, kept, calls } = setUp();
  await conversation.open({ locale: "en" });
  await conversation.end({ erase: true });
  assert.deepEqual(calls, [["delete"]]);
  assert.equal(store.state.session, null);
  assert.equal(kept.size, 0);

  const broken = setUp({ deleteSession: async () => { throw new ApiProblem("network"); } });
  await broken.conversation.open({ locale: "en" });
  await assert.rejects(broken.conversation.end({ erase: true }));
  assert.equal(broken.kept.size, 1);
});
