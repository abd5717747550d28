/* The message box, Send and Stop, the chips above it and the lines below it. Focus stays here while a reply comes. */
import { button } from "../dom.js";
import { timeUntil } from "../i18n.js";
import { isBusy } from "../state.js";

export function createComposer({ page, words, actions, config, nowMs }) {
  const { composer, message, send, stop, suggestions } = page;
  const { t } = words;
  let chips = null;

  const submit = () => {
    const text = message.value.trim();
    if (!text) return message.focus();
    if (!send.hidden) {
      message.value = "";
      measure();
      actions.send(text);
    } else actions.say(t("chat.keepTyping"));
    return message.focus();
  };

  function measure() {
    const left = config.messageCharsMax - message.value.length;
    // An empty box follows the page, so that its placeholder reads right; text decides for itself.
    message.dir = message.value ? "auto" : document.documentElement.dir;
    page["composer-left"].textContent = left < config.charsLeftShownBelow ? t("composer.left", { n: left }) : "";
    if (CSS.supports("field-sizing", "content")) return;
    message.style.blockSize = "auto";
    message.style.blockSize = `${message.scrollHeight}px`;
  }

  composer.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  message.addEventListener("input", measure);
  message.addEventListener("keydown", (event) => {
    // An Enter that ends an IME composition belongs to the IME.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  stop.addEventListener("click", () => {
    actions.stop();
    message.focus();
  });

  // While the exercise panel offers the same answer, the chip would only say it twice.
  const inPanel = ({ id, text }, exercise) =>
    exercise && (/^exercise\.(skip|back|pause|leave|resume)$/.test(id) || exercise.input.options.includes(text));

  function drawChips(state) {
    if (state.suggestions === chips) return;
    chips = state.suggestions;
    const items = chips.filter((item) => !inPanel(item, state.exercise));
    suggestions.hidden = items.length === 0;
    suggestions.replaceChildren(...items.map(({ id, label, text }) =>
      button(label, { class: "chip", dir: "auto", data: { answer: "" }, onclick: () => {
        actions.send(text, id);
        message.focus();
      } })));
  }

  return {
    render(state) {
      const busy = isBusy(state);
      measure();
      send.hidden = busy;
      stop.hidden = !busy;
      drawChips(state);
      for (const chip of suggestions.children) chip.disabled = busy;
      const wantsText = state.exercise?.status === "active";
      message.placeholder = t(wantsText ? "composer.answer" : "composer.placeholder");
      page["composer-foot"].textContent = state.session
        ? t("composer.foot", { when: timeUntil(words.locale, state.session.expiresAt, nowMs()) })
        : t("composer.footPlain");
    },
    focus: () => message.focus(),
    clear() {
      message.value = "";
      measure();
    },
  };
}
