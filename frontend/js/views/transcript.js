/* The log: one node a turn, rebuilt in parts only where the turn changed. */
import { el, button, icon } from "../dom.js";
import { directionOf, languageOf } from "../i18n.js";
import { problemWords } from "../announce.js";
import { riskCard } from "./risk-card.js";
import { whyList } from "./why.js";

// Each emotion has its own shape, so that colour never carries it alone.
const SHAPES = {
  happy: ["M4 13a8 8 0 0 0 16 0"],
  sad: ["M12 4c3.5 4.5 5.5 7.3 5.5 10a5.5 5.5 0 0 1-11 0c0-2.7 2-5.5 5.5-10z"],
  anxious: ["M3 14l3-6 4 9 4-9 4 9 3-6"],
  angry: ["M12 4l8 8-8 8-8-8z"],
  neutral: ["M5 12h14"],
  mixed: ["M4 9c3-4 6-4 8 0s5 4 8 0", "M4 16c3-4 6-4 8 0s5 4 8 0"],
};
const WAVE = (y, height) => `M-28 ${y}` + `q7 ${-height} 14 0t14 0`.repeat(6);

export function createTranscript({ log, words, actions, config }) {
  const shown = new Map(); // turn key → {node, turn, …parts}

  const spoken = (text) => el("p", { class: "words", dir: "auto", lang: languageOf(text, words.locale) }, text);

  function cue(reading) {
    if (!reading || reading.abstained) return null;
    const name = reading.mixed ? "mixed" : reading.label;
    return el("p", { class: "cue", data: { emotion: name } }, icon(...SHAPES[name]), el("span", {}, words.t(`emotion.${name}`)));
  }

  function mine({ user, risk }) {
    if (!user?.text) return null;
    return el("div", { class: "mine" },
      el("span", { class: "unseen" }, words.t("chat.you")), spoken(user.text),
      // The words of a button say nothing about the person, and beside danger a small label would belittle it.
      user.suggestionId || risk ? null : cue(user.emotion));
  }

  const writing = () => {
    const drawing = icon(WAVE(9, 7), WAVE(15, 5));
    drawing.setAttribute("viewBox", "0 0 56 24");
    return el("div", { class: "writing" }, drawing);
  };

  function replyWords(reply) {
    const pieces = reply.pieces.length > 1 ? reply.pieces.map((piece) => el("span", { class: "piece" }, piece)) : [reply.text];
    return el("p", { class: "words", dir: directionOf(reply.text), lang: languageOf(reply.text, words.locale) }, ...pieces);
  }

  function copyButton(reply) {
    const node = button(words.t("chat.copy"), { class: "tool" });
    node.addEventListener("click", async () => {
      await navigator.clipboard.writeText(reply.text);
      node.textContent = words.t("chat.copied");
      actions.say(words.t("chat.copied"));
      setTimeout(() => { node.textContent = words.t("chat.copy"); }, config.copiedShownMs);
    });
    return node;
  }

  function whyTools(turn) {
    if (!turn.reply.why) return [];
    const list = whyList(turn.reply.why, words);
    list.id = `why-${turn.key}`;
    list.hidden = true;
    const toggle = button(words.t("chat.why"), { class: "tool", "aria-expanded": "false", "aria-controls": list.id });
    toggle.addEventListener("click", () => {
      list.hidden = !list.hidden;
      toggle.setAttribute("aria-expanded", String(!list.hidden));
    });
    return [toggle, list];
  }

  function sideNote(reply) {
    if (reply.status === "failed") {
      const { key, values } = problemWords(reply.problem);
      return el("p", { class: "side-note" }, words.t(key, values));
    }
    if (reply.status === "stopped") return el("p", { class: "side-note" }, words.t("chat.stopped"));
    return reply.degraded ? el("p", { class: "side-note" }, words.t("chat.degraded")) : null;
  }

  function tools(turn) {
    const { reply } = turn;
    const [toggle, list] = whyTools(turn);
    const retryable = turn.user?.text && (reply.degraded || ["failed", "stopped"].includes(reply.status));
    const row = el("div", { class: "reply-tools" },
      retryable && button(words.t("chat.retry"), { class: "tool", onclick: () => actions.retry(turn.key) }),
      reply.text && copyButton(reply), toggle);
    return [row, list];
  }

  function theirs(turn) {
    const { reply } = turn;
    if (!reply) return null;
    const node = el("div", { class: "theirs", data: { status: reply.status } }, el("span", { class: "unseen" }, words.t("chat.attune")));
    if (reply.text) node.append(replyWords(reply));
    if (["waiting", "writing"].includes(reply.status)) node.append(writing());
    else node.append(...[sideNote(reply), ...(turn.user ? tools(turn) : [])].filter(Boolean));
    return node;
  }

  /** Streaming only adds pieces: the nodes that are there stay, so a selection or a fade is not disturbed. */
  function grow(entry, turn) {
    const { reply } = turn;
    const before = entry.turn.reply;
    if (reply.status !== "writing" || before?.status !== "writing") return false;
    const line = entry.theirs.querySelector(".words");
    if (line.childElementCount === 0) line.replaceChildren(el("span", {}, before.text));
    line.append(...reply.pieces.slice(before.pieces.length).map((piece) => el("span", { class: "piece" }, piece)));
    return true;
  }

  const cardOf = (turn, isLatest) =>
    turn.risk && riskCard(turn.risk, { words, actions, folded: !isLatest || turn.risk.tier === "check_in" });

  function build(turn, isLatestRisk) {
    const entry = { turn, isLatestRisk, mine: mine(turn), card: cardOf(turn, isLatestRisk), theirs: theirs(turn) };
    entry.notices = turn.notices.map((text) => el("p", { class: "notice", dir: directionOf(text) }, text));
    entry.node = el("article", { class: "turn" }, entry.mine, entry.card, ...entry.notices, entry.theirs);
    return entry;
  }

  function refresh(entry, turn, isLatestRisk) {
    const { turn: before } = entry;
    if (turn.user !== before.user || turn.notices !== before.notices || (turn.reply && !before.reply)) return false;
    if (turn.risk !== before.risk || isLatestRisk !== entry.isLatestRisk) {
      const card = cardOf(turn, isLatestRisk);
      if (entry.card) entry.card.replaceWith(card);
      else if (card) (entry.notices[0] ?? entry.theirs).before(card);
      entry.card = card;
    }
    if (turn.reply !== before.reply && !grow(entry, turn)) {
      const node = theirs(turn);
      entry.theirs.replaceWith(node);
      entry.theirs = node;
    }
    Object.assign(entry, { turn, isLatestRisk });
    return true;
  }

  return {
    render({ turns }) {
      const latestRisk = turns.findLast((turn) => turn.risk)?.key;
      for (const [key, entry] of shown) {
        if (turns.some((turn) => turn.key === key)) continue;
        entry.node.remove();
        shown.delete(key);
      }
      for (const turn of turns) {
        const entry = shown.get(turn.key);
        const isLatestRisk = turn.key === latestRisk;
        if (entry && (entry.turn === turn && entry.isLatestRisk === isLatestRisk || refresh(entry, turn, isLatestRisk))) continue;
        const fresh = build(turn, isLatestRisk);
        if (entry) entry.node.replaceWith(fresh.node);
        else log.append(fresh.node);
        shown.set(turn.key, fresh);
      }
    },
    /** After a change of language everything is drawn again. */
    reset() {
      shown.clear();
      log.replaceChildren();
    },
  };
}
