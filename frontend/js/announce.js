/* What a screen reader hears. Streaming text is silent; a reply is said once, whole, when it is complete. */

/** What changed between two states that is worth saying: `{status, alert}`, each a list of what to say in order.

    An item is {key, values} for the catalog or {text} for words that are already there. */
export function announcements(next, previous) {
  const said = { status: [], alert: [] };
  const turn = next.turns.at(-1);
  const before = previous.turns.find((each) => each.key === turn?.key);
  if (!turn?.reply || (!before && turn.key === "greeting")) return said;
  if (turn.risk && turn.risk !== before?.risk && turn.risk.tier !== before?.risk?.tier && turn.risk.tier !== "check_in") {
    said.alert.push({ key: `risk.title.${turn.risk.kind}` }, { key: "risk.announce" });
  }
  const status = turn.reply.status;
  if (status === before?.reply?.status) return said;
  if (status === "waiting") said.status.push({ key: "chat.writing" });
  if (status === "stopped") said.status.push({ key: "chat.stopped" });
  if (status === "done") said.status.push(...turn.notices.map((text) => ({ text })), { text: turn.reply.text });
  if (status === "failed") said.alert.push({ problem: turn.reply.problem });
  return said;
}

/** Which sentence explains a problem: `{key, values}` for the catalog. Never the server's own words. */
export function problemWords({ code, retryAfterS }) {
  const seconds = retryAfterS ?? 10;
  if (code === "network") return { key: "error.network" };
  if (code === "interrupted") return { key: "chat.interrupted" };
  if (/rate|quota/.test(code)) return { key: "error.rate", values: { seconds } };
  if (/capacity|overload|unavailable|busy|deadline/.test(code)) return { key: "error.busy", values: { seconds } };
  if (/not_found|expired|unauth|gone/.test(code)) return { key: "error.gone" };
  if (/conflict|in_progress|in_flight/.test(code)) return { key: "error.conflict" };
  if (/invalid|bad_request|too_large/.test(code)) return { key: "error.invalid" };
  if (code === "consent_required") return { key: "error.consent" };
  return { key: "error.generic" };
}
