import assert from "node:assert/strict";
import { test } from "node:test";
import { INITIAL, createStore, isBusy, reduce, turnsOf } from "../js/state.js";

const CARD = { country: "EG", country_name: "Egypt", emergency: ["123"], contacts: [], directories: [] };
const WHY = { move: "reflect", rule: "r", sources: ["model"], emotion: null, tier: "none", lint: [] };
const CREATED = { id: "s", token: "t", expires_at: "2026-11-23T00:00:00Z", greeting: "Hello", notice: "An AI" };
const opened = () => reduce(INITIAL, { type: "opened", created: CREATED, locale: "en", country: null });
const sent = () => reduce(opened(), { type: "sent", key: "k", text: "hi" });
const hear = (state, ...events) => events.reduce((now, event) => reduce(now, { type: "turn", key: "k", event }), state);
const last = (state) => state.turns.at(-1);

test("opening shows the notice and the greeting, and never holds the token", () => {
  const state = opened();
  assert.deepEqual(last(state).notices, ["An AI"]);
  assert.equal(last(state).reply.text, "Hello");
  assert.ok(!JSON.stringify(state).includes('"t"'));
});

test("pieces are joined as they are and done has the last word", () => {
  const writing = hear(sent(), { type: "accepted", message_id: "m" }, { type: "delta", text: "One. " }, { type: "delta", text: "Two." });
  assert.equal(last(writing).reply.text, "One. Two.");
  assert.ok(isBusy(writing));
  const done = hear(writing, { type: "done", message_id: "m", text: "One. Two.", degraded: true, why: WHY, timings_ms: {} });
  assert.equal(last(done).reply.status, "done");
  assert.equal(last(done).reply.degraded, true);
  assert.deepEqual(last(done).reply.pieces, ["One. ", "Two."]);
  assert.ok(!isBusy(done));
});

test("a done text that differs from the pieces replaces them", () => {
  const done = hear(sent(), { type: "delta", text: "Half" }, { type: "done", message_id: "m", text: "Whole.", degraded: false, why: WHY, timings_ms: {} });
  assert.deepEqual(last(done).reply.pieces, ["Whole."]);
});

test("a risk event keeps its card for the help dialog, and a new card reaches it", () => {
  const state = hear(sent(), { type: "risk", tier: "imminent", kind: "self", rules: [], card: CARD });
  assert.equal(state.card, CARD);
  const changed = reduce(state, { type: "card", card: { ...CARD, country: "GB" } });
  assert.equal(last(changed).risk.card.country, "GB");
});

test("an exercise stands until it is left", () => {
  const step = { type: "exercise", id: "x", status: "active" };
  assert.equal(hear(sent(), step).exercise.id, "x");
  assert.equal(hear(sent(), step, { ...step, status: "left" }).exercise, null);
});

test("in danger the exercise makes room, for a soft question it stays", () => {
  const step = { type: "exercise", id: "x", status: "active" };
  const risk = (tier) => ({ type: "risk", tier, kind: "self", rules: [], card: CARD });
  assert.equal(hear(sent(), step, risk("elevated")).exercise, null);
  assert.equal(hear(sent(), step, risk("check_in")).exercise.id, "x");
});

test("suggestions go when a message is sent", () => {
  const state = hear(sent(), { type: "suggestions", items: [{ id: "a", label: "A", text: "a" }] });
  assert.equal(state.suggestions.length, 1);
  assert.equal(reduce(state, { type: "sent", key: "k2", text: "b" }).suggestions.length, 0);
});

test("stop keeps what was written; retry starts the reply again", () => {
  const stopped = reduce(hear(sent(), { type: "delta", text: "Half " }), { type: "stopped", key: "k" });
  assert.equal(last(stopped).reply.text, "Half ");
  assert.equal(last(stopped).reply.status, "stopped");
  assert.equal(last(reduce(stopped, { type: "retried", key: "k" })).reply.text, "");
});

test("an error event fails the turn and keeps the message", () => {
  const state = hear(sent(), { type: "error", problem: { code: "inference_unavailable" } });
  assert.equal(last(state).reply.status, "failed");
  assert.equal(last(state).user.text, "hi");
});

test("an event that this page does not know changes nothing", () => {
  const state = sent();
  assert.equal(hear(state, { type: "novelty" }), state);
});

test("stored lines become turns, with or without an answer", () => {
  const line = (role, text, id) => ({ message_id: id, role, text, at: "", emotion: role === "user" ? "sad" : null, tier: "none" });
  const turns = turnsOf([line("assistant", "Hello", "0"), line("user", "a", "1"), line("assistant", "A", "1"), line("user", "b", "2")]);
  assert.deepEqual(turns.map((turn) => [turn.user?.text ?? null, turn.reply?.text ?? null]), [[null, "Hello"], ["a", "A"], ["b", null]]);
  assert.equal(turns[1].user.emotion.label, "sad");
  assert.equal(new Set(turns.map(({ key }) => key)).size, 3);
});

test("a restored talk greets only when the stored one does not", () => {
  const view = { id: "s", locale: "en", country: null, expires_at: "", transcript: [], exercise: null };
  const fresh = reduce(INITIAL, { type: "restored", view, notice: "An AI", greeting: "Hello" });
  assert.equal(fresh.turns[0].reply.text, "Hello");
  const greeted = { ...view, transcript: [{ message_id: "0", role: "assistant", text: "Hi", emotion: null }] };
  assert.equal(reduce(INITIAL, { type: "restored", view: greeted, notice: "An AI", greeting: "Hello" }).turns[0].reply, null);
});

test("reduce never changes the state it was given", () => {
  const freeze = (value) => {
    if (value && typeof value === "object") Object.values(Object.freeze(value)).forEach(freeze);
    return value;
  };
  const state = freeze(sent());
  hear(state, { type: "accepted", message_id: "m" }, { type: "notice", text: "n" }, { type: "delta", text: "d" });
});

test("the store tells listeners the new and the old state once a change", () => {
  const store = createStore();
  const heard = [];
  store.subscribe((next, previous) => heard.push([next.session?.id, previous.session]));
  store.dispatch({ type: "opened", created: CREATED, locale: "en" });
  assert.deepEqual(heard, [["s", null]]);
});
