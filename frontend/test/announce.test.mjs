import assert from "node:assert/strict";
import { test } from "node:test";
import { announcements, problemWords } from "../js/announce.js";
import { INITIAL, createStore } from "../js/state.js";

const WHY = { move: null, rule: "r", sources: [], emotion: null, tier: "none", lint: [] };
const DONE = { type: "done", message_id: "m", text: "One. Two.", degraded: false, why: WHY, timings_ms: {} };

function heardDuring(events) {
  const store = createStore({ ...INITIAL, session: { id: "s" } });
  const heard = { status: [], alert: [] };
  store.subscribe((next, previous) => {
    const { status, alert } = announcements(next, previous);
    heard.status.push(...status);
    heard.alert.push(...alert);
  });
  store.dispatch({ type: "sent", key: "k", text: "hi" });
  for (const event of events) store.dispatch({ type: "turn", key: "k", event });
  return heard;
}

test("a reply is announced once as coming and once whole, never piece by piece", () => {
  const heard = heardDuring([{ type: "accepted", message_id: "m" }, { type: "delta", text: "One. " }, { type: "delta", text: "Two." }, { type: "suggestions", items: [] }, DONE]);
  assert.deepEqual(heard, { status: [{ key: "chat.writing" }, { text: "One. Two." }], alert: [] });
});

test("the crisis card is announced at once and once", () => {
  const risk = { type: "risk", tier: "imminent", kind: "self", rules: [], card: { contacts: [] } };
  const heard = heardDuring([risk, { type: "delta", text: "One. " }, DONE]);
  assert.deepEqual(heard.alert, [{ key: "risk.title.self" }, { key: "risk.announce" }]);
});

test("a soft check-in does not alarm", () => {
  const risk = { type: "risk", tier: "check_in", kind: "self", rules: [], card: { contacts: [] } };
  assert.deepEqual(heardDuring([risk, DONE]).alert, []);
});

test("an error is announced assertively", () => {
  assert.deepEqual(heardDuring([{ type: "error", problem: { code: "x" } }]).alert, [{ problem: { code: "x", retryAfterS: null } }]);
});

test("a notice is read before the reply", () => {
  const heard = heardDuring([{ type: "notice", text: "An AI." }, DONE]);
  assert.deepEqual(heard.status.slice(1), [{ text: "An AI." }, { text: "One. Two." }]);
});

test("every problem has words, and known ones have their own", () => {
  const keys = ["network", "quota_exceeded", "unavailable", "deadline_exceeded", "not_found", "unauthenticated", "conflict",
    "invalid_request", "payload_too_large", "something_new"].map((code) => problemWords({ code, retryAfterS: 3 }).key);
  assert.deepEqual(keys, ["error.network", "error.rate", "error.busy", "error.busy", "error.gone", "error.gone", "error.conflict",
    "error.invalid", "error.invalid", "error.generic"]);
});
