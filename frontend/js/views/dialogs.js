/* Menu, settings, download, delete, new talk, shortcuts and the help dialog. */
import { el } from "../dom.js";
import { problemWords } from "../announce.js";
import { cardBody } from "./risk-card.js";

export function createDialogs({ page, words, actions, settings }) {
  const { t } = words;
  const dialog = (name) => page[`${name}-dialog`];
  const open = (name) => {
    for (const slot of dialog(name)?.querySelectorAll("[data-error]") ?? []) slot.textContent = "";
    if (!dialog(name).open) dialog(name).showModal();
  };

  /** Runs something that may fail, and says so inside the dialog. */
  const attempt = async (name, key, work) => {
    try {
      await work();
      dialog(name).close();
    } catch (problem) {
      const fallback = problemWords(problem);
      dialog(name).querySelector("[data-error]").textContent =
        fallback.key === "error.network" ? t("error.network") : t(key);
    }
  };

  const ACTIONS = {
    new: () => open("new"),
    export: () => open("export"),
    delete: () => open("delete"),
    settings: () => { fill(); open("settings"); },
    shortcuts: () => open("shortcuts"),
    "delete-now": () => attempt("delete", "error.delete", () => actions.end({ erase: true })),
    "new-delete": () => attempt("new", "error.delete", () => actions.end({ erase: true })),
    "new-keep": () => attempt("new", "error.generic", () => actions.end({ erase: false })),
  };

  document.addEventListener("click", (event) => {
    const name = event.target.closest?.("[data-action]")?.dataset.action;
    if (name) {
      page.menu.hidePopover();
      ACTIONS[name]();
    }
    const format = event.target.closest?.("[data-export]")?.dataset.export;
    if (format) attempt("export", "error.export", () => actions.download(format));
  });

  function fill() {
    const { elements } = page.settings;
    const now = settings();
    for (const name of ["theme", "size", "language"]) elements[name].value = now[name];
    elements.cue.checked = now.cue;
  }
  page.settings.addEventListener("change", ({ target }) => {
    if (target.id === "settings-country") actions.chooseCountry(target.value || null);
    else actions.changeSettings({ [target.name]: target.type === "checkbox" ? target.checked : target.value });
  });

  function drawHelp(card) {
    page["help-card"].replaceChildren(card
      ? el("div", { class: "card" }, ...cardBody(card, { words, actions }))
      : el("p", {}, t("risk.offline")));
  }

  return {
    open,
    /** Opens at once with what is known; a fresh card replaces it when it comes. */
    async help(state) {
      drawHelp(state.card);
      open("help");
      if (!state.card) await actions.loadCard().catch(() => {});
    },
    render(next, previous) {
      if (next.card !== previous.card || next.countries !== previous.countries) drawHelp(next.card);
      for (const node of page.menu.querySelectorAll("[data-needs=session]")) node.hidden = !next.session;
    },
    reset: drawHelp,
    fill,
  };
}
