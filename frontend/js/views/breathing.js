/* The paced-breathing figure: a ring that grows and shrinks, with the count in words. Reduced motion keeps the count. */
import { el, button } from "../dom.js";
import { breathAt } from "../breath.js";

const SCALES = { in: 1, hold: null, out: 0.45 }; // hold keeps the size it has

export function breathing(pacing, { words: { t }, actions }) {
  const name = el("span", {}, t("breath.ready"));
  const count = el("span", { class: "breath-count", "aria-hidden": "true" });
  const ring = el("div", { class: "breath-ring" }, el("div", { class: "breath-words" }, name, count));
  const left = el("p", { class: "exercise-step" }, t("breath.left", { n: Math.round(pacing.total_s) }));
  const toggle = button(t("breath.start"), { class: "primary" });
  let timer = null;
  let startedMs = 0;
  let drawn = -1;

  const scale = (to, seconds) => {
    ring.style.setProperty("--breath-time", `${seconds}s`);
    if (to !== null) ring.style.setProperty("--breath-scale", String(to));
  };
  const stop = (finalWords) => {
    clearInterval(timer);
    timer = null;
    drawn = -1;
    count.textContent = "";
    name.textContent = finalWords;
    scale(SCALES.out, 1);
    toggle.textContent = t("breath.start");
  };
  const draw = () => {
    if (!ring.isConnected) return stop("");
    const moment = breathAt(pacing, (performance.now() - startedMs) / 1000);
    if (moment.done) {
      actions.say(t("breath.done"));
      return stop(t("breath.done"));
    }
    const label = t(`breath.${moment.phase.name}`);
    count.textContent = String(moment.secondsLeft);
    left.textContent = t("breath.left", { n: moment.totalLeft });
    if (moment.index === drawn) return undefined;
    drawn = moment.index;
    name.textContent = label;
    scale(SCALES[moment.phase.name], moment.phase.seconds);
    actions.say(t("breath.phase", { name: label, n: moment.phase.seconds }));
    return undefined;
  };
  toggle.addEventListener("click", () => {
    if (timer) return stop(t("breath.ready"));
    startedMs = performance.now();
    timer = setInterval(draw, 200);
    toggle.textContent = t("breath.stop");
    return draw();
  });
  return el("div", { class: "breath" }, ring, left, toggle, el("p", { class: "hint" }, t("breath.dizzy")));
}
