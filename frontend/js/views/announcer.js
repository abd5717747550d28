/* The two live regions: #status (polite) and #alert (assertive). main.js feeds it every state change. */
import { announcements, problemWords } from "../announce.js";
import { isBusy } from "../state.js";

export function createAnnouncer({ status, alert, words, config }) {
  let timer = null;
  let turnOfTimer = null;

  // The same sentence twice in a row is only spoken again when the node is new.
  const say = (region, text) => region.replaceChildren(Object.assign(document.createElement("p"), { textContent: text }));
  const sentence = ({ key, values, text, problem }) => {
    if (problem) return sentence(problemWords(problem));
    return text ?? words.t(key, values);
  };

  const keepCompany = (state) => {
    const turn = isBusy(state) ? state.turns.at(-1).key : null;
    if (turn === turnOfTimer) return;
    clearInterval(timer);
    turnOfTimer = turn;
    if (turn) timer = setInterval(() => say(status, words.t("chat.stillWriting")), config.stillWritingEveryMs);
  };

  return {
    status: (text) => say(status, text),
    alert: (text) => say(alert, text),
    update(next, previous) {
      const { status: quiet, alert: urgent } = announcements(next, previous);
      if (quiet.length) say(status, quiet.map(sentence).join("\n"));
      if (urgent.length) say(alert, urgent.map(sentence).join(" "));
      keepCompany(next);
    },
  };
}
