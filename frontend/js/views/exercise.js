/* The exercise panel: where one is, the thought that stays visible, and the way to answer this step. */
import { el, button } from "../dom.js";
import { directionOf } from "../i18n.js";
import { breathing } from "./breathing.js";


export function createExercisePanel({ panel, chat, words, actions }) {
  let drawn = null;
  const { t } = words;
  // The id decides what the message does; its words are only what the transcript shows.
  const move = (name, look = "quiet") => {
    const label = t(`exercise.${name}`);
    return button(label, { class: look, data: { answer: "" }, onclick: () => actions.send(label, `exercise.${name}`) });
  };

  const head = ({ title, step_index: index, steps_total: total, status }) => {
    const marks = Array.from({ length: total }, (_, at) => el("span", { class: at < index ? "past" : at === index ? "now" : "" }));
    if (status === "completed") marks.forEach((mark) => { mark.className = "past"; });
    const where = status === "active" ? t("exercise.step", { n: Math.min(index + 1, total), total }) : t(`exercise.${status}`);
    return [
      el("div", { class: "exercise-head" }, el("h2", { dir: directionOf(title) }, title), el("p", { class: "exercise-step" }, where)),
      status === "offered" ? null : el("div", { class: "steps", "aria-hidden": "true" }, ...marks),
    ];
  };

  const pinned = (text) =>
    text && el("figure", { class: "pinned" }, el("figcaption", {}, t("exercise.pinned")), el("blockquote", { dir: "auto", tabindex: "0" }, text));

  const why = (text) => text && el("details", {}, el("summary", {}, t("exercise.why")), el("p", { dir: directionOf(text) }, text));

  function scale({ minimum, maximum, unit }) {
    const least = minimum ?? 0;
    const most = maximum ?? 100;
    const middle = Math.round((least + most) / 2);
    const value = el("output", { class: "scale-value", for: "exercise-scale" }, String(middle));
    const slider = el("input", {
      id: "exercise-scale", type: "range", min: least, max: most, step: 1, value: middle,
      "aria-label": t("exercise.scale"), "aria-valuetext": `${middle} ${unit ?? ""}`.trim(),
    });
    const send = button(t("exercise.sendScale", { value: middle }), {
      class: "primary", data: { answer: "" }, onclick: () => actions.send(slider.value),
    });
    slider.addEventListener("input", () => {
      value.textContent = slider.value;
      slider.setAttribute("aria-valuetext", `${slider.value} ${unit ?? ""}`.trim());
      send.textContent = t("exercise.sendScale", { value: Number(slider.value) });
    });
    return el("div", { class: "scale" }, value, slider,
      el("div", { class: "scale-ends", "aria-hidden": "true" }, el("span", {}, String(least)), unit && el("span", { dir: "auto" }, unit), el("span", {}, String(most))), send);
  }

  const choice = ({ options }) =>
    el("div", {}, el("p", { class: "hint" }, t("exercise.choose")),
      el("div", { class: "chips" }, ...options.map((option) =>
        button(option, { class: "chip", dir: "auto", data: { answer: "" }, onclick: () => actions.send(option) }))));

  function list({ items }) {
    const fields = Array.from({ length: items ?? 3 }, (_, at) =>
      el("input", { class: "text-input", dir: "auto", autocomplete: "off", "aria-label": t("exercise.listItem", { n: at + 1 }) }));
    const answer = (event) => {
      event.preventDefault();
      const lines = fields.map((field) => field.value.trim()).filter(Boolean);
      if (lines.length) actions.send(lines.join("\n"));
      else fields[0].focus();
    };
    return el("form", { class: "items", onsubmit: answer }, ...fields,
      el("button", { class: "primary", type: "submit", data: { answer: "" } }, t("exercise.sendList")));
  }

  const INPUTS = {
    text: () => el("p", { class: "hint" }, t("exercise.textHint")),
    scale, choice, list,
    none: (_, pacing) => move("next", pacing ? "quiet" : "primary"),
  };

  function body(exercise) {
    if (exercise.status === "paused") return [el("div", { class: "exercise-moves" }, move("resume", "primary"), move("leave"))];
    if (exercise.status !== "active") return [];
    return [
      pinned(exercise.pinned),
      exercise.pacing && breathing(exercise.pacing, { words, actions }),
      INPUTS[exercise.input.kind](exercise.input, exercise.pacing),
      why(exercise.why_this_helps),
      el("div", { class: "exercise-moves" }, exercise.step_index > 0 && move("back"), move("skip"), move("pause"), move("leave")),
    ];
  }

  return {
    render({ exercise }, isBusy) {
      if (exercise !== drawn) {
        const hadFocus = panel.contains(document.activeElement);
        drawn = exercise;
        panel.hidden = !exercise;
        chat.classList.toggle("with-exercise", Boolean(exercise));
        panel.replaceChildren(...(exercise ? [...head(exercise), ...body(exercise)].filter(Boolean) : []));
        if (hadFocus) actions.focusComposer();
      }
      for (const node of panel.querySelectorAll("[data-answer]")) node.disabled = isBusy;
    },
    reset() { drawn = null; },
  };
}
