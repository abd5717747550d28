/* The page's composition root: builds everything once, passes it in, and connects state to views. */
import { createApi } from "./api.js";
import { CONFIG } from "./config.js";
import { createConversation } from "./conversation.js";
import { countryName, createHas, createTranslator, translateTree } from "./i18n.js";
import { createSettings } from "./settings.js";
import { createStore, isBusy } from "./state.js";
import { createAnnouncer } from "./views/announcer.js";
import { createComposer } from "./views/composer.js";
import { createDialogs } from "./views/dialogs.js";
import { createExercisePanel } from "./views/exercise.js";
import { createTranscript } from "./views/transcript.js";
import { createWelcome } from "./views/welcome.js";

const root = document.documentElement;
const page = Object.fromEntries([...document.querySelectorAll("[id]")].map((node) => [node.id, node]));
const settings = createSettings({ storage: localStorage, root, locales: CONFIG.locales });
const store = createStore();
const api = createApi({ fetch: window.fetch.bind(window), config: CONFIG });

// Views hold `words`; a change of language swaps what it answers and draws them again.
const words = { locale: "en", t: (...args) => translate(...args), has: (key) => knows(key) };
let translate;
let knows;
async function catalogOf(locale) {
  for (const delayMs of CONFIG.catalogDelaysMs) {
    try {
      return await (await fetch(`/locales/${locale}.json`)).json();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, delayMs)); // a phone that changes networks: once more
    }
  }
  return (await fetch(`/locales/${locale}.json`)).json();
}
async function speak(locale) {
  const catalog = await catalogOf(locale);
  translate = createTranslator(locale, catalog);
  knows = createHas(catalog);
  words.locale = locale;
  translateTree(document, words.t);
  root.dataset.exitTitle = words.t("app.exitTitle");
}

const pause = (ms, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
  });
const conversation = createConversation({
  api, store, storage: sessionStorage, config: CONFIG, sleep: pause,
  newKey: () => crypto.randomUUID(),
  words: () => ({ notice: words.t("welcome.notice"), greeting: words.t("chat.greeting") }),
});

const following = () => root.scrollHeight - window.scrollY - window.innerHeight < CONFIG.nearBottomPx;
const toEnd = () => window.scrollTo({ top: root.scrollHeight });
/** Follows a reply down, but never past the beginning of what has to be read: the turn's card, notice or reply. */
function followReply() {
  const turn = page.log.lastElementChild;
  const first = turn?.querySelector(":scope > .card, :scope > .notice, :scope > .theirs") ?? turn;
  const top = (first?.getBoundingClientRect().top ?? 0) + window.scrollY - CONFIG.readingTopPx;
  window.scrollTo({ top: Math.min(root.scrollHeight - window.innerHeight, Math.max(0, top)) });
}

const actions = {
  say: (text) => announcer.status(text),
  send: (text, suggestionId) => conversation.send(text, suggestionId),
  retry: (key) => { composer.focus(); return conversation.retry(key); },
  stop: () => conversation.stop(),
  focusComposer: () => composer.focus(),
  countries: () => store.state.countries,
  loadCard: () => conversation.showCard(store.state.session?.country ?? (page["consent-country"].value || null)),
  async open(choice) {
    await conversation.open(choice);
    welcome.tell(null);
    composer.focus();
    actions.loadCard().catch(() => {}); // a card in memory works offline; the help page stays as a way
  },
  async chooseCountry(country) {
    page["consent-country"].value = country ?? "";
    if (country) await conversation.update({ country }).catch(() => {});
    await conversation.showCard(country).catch(() => announcer.alert(words.t("error.network")));
  },
  async changeSettings(part) {
    settings.change(part);
    if (!part.language) return;
    await speak(part.language);
    redraw();
    await conversation.update({ locale: part.language }).catch(() => {});
  },
  async download(format) {
    const blob = await conversation.exportAs(format);
    const link = Object.assign(document.createElement("a"), {
      href: URL.createObjectURL(blob), download: format === "json" ? "talk.json" : "talk.md",
    });
    link.click();
    URL.revokeObjectURL(link.href);
    announcer.status(words.t("export.done"));
  },
  async end({ erase }) {
    await conversation.end({ erase });
    composer.clear();
    welcome.tell(erase ? "welcome.deleted" : null);
    page.main.focus();
  },
};

await speak(settings.get().language);
const shared = { page, words, actions, config: CONFIG };
const announcer = createAnnouncer({ status: page.status, alert: page.alert, words, config: CONFIG });
const transcript = createTranscript({ log: page.log, words, actions, config: CONFIG });
const composer = createComposer({ ...shared, nowMs: () => Date.now() });
const exercisePanel = createExercisePanel({ panel: page.exercise, chat: page.chat, words, actions });
const welcome = createWelcome(shared);
const dialogs = createDialogs({ ...shared, settings: settings.get });

function drawCountries({ countries, session }) {
  const sorted = countries
    .map(({ code, name }) => [code, countryName(words.locale, code, name)])
    .sort(([, one], [, other]) => one.localeCompare(other, words.locale));
  for (const select of document.querySelectorAll("[data-countries]")) {
    const chosen = session?.country ?? select.value;
    select.replaceChildren(select.options[0], ...sorted.map(([code, name]) => new Option(name, code)));
    select.value = chosen;
  }
}

function drawProblem({ problem }) {
  page.problem.hidden = !problem;
  if (problem) page.problem.textContent = words.t("error.network");
}

function draw(next, previous) {
  const follow = following() || next.turns.length !== previous.turns.length;
  const open = next.session !== null || conversation.isOpen;
  page.welcome.hidden = open;
  page.chat.hidden = !open;
  document.body.dataset.screen = open ? "chat" : "welcome";
  if (next.countries !== previous.countries || next.session?.country !== previous.session?.country) drawCountries(next);
  transcript.render(next);
  composer.render(next);
  exercisePanel.render(next, isBusy(next));
  dialogs.render(next, previous);
  drawProblem(next);
  announcer.update(next, previous);
  if (open && follow) followReply();
  page.jump.hidden = !open || following();
}

function redraw() {
  transcript.reset();
  exercisePanel.reset();
  welcome.render();
  dialogs.reset(store.state.card);
  drawCountries(store.state);
  draw(store.state, store.state);
}

function connectKeys() {
  page["help-now"].addEventListener("click", (event) => {
    event.preventDefault();
    dialogs.help(store.state);
  });
  page.jump.addEventListener("click", (event) => {
    event.preventDefault();
    toEnd();
    composer.focus();
  });
  window.addEventListener("scroll", () => { page.jump.hidden = page.chat.hidden || following(); }, { passive: true });
  document.addEventListener("keydown", (event) => {
    if (event.key === "F2") dialogs.help(store.state);
    else if (event.key === "/" && event.ctrlKey) dialogs.open("shortcuts");
    else if (event.key === "Escape" && !document.querySelector("dialog[open], :popover-open")) return conversation.stop();
    else return undefined;
    return event.preventDefault();
  });
}

/** The policy demands a trusted address for a worker; this one only ever names our own. */
function registerWorker() {
  if (!("serviceWorker" in navigator)) return;
  const policy = window.trustedTypes?.createPolicy("attune-worker", { createScriptURL: () => CONFIG.workerPath });
  navigator.serviceWorker.register(policy ? policy.createScriptURL("") : CONFIG.workerPath).catch(() => {});
}

store.subscribe(draw);
connectKeys();
welcome.render();
const found = await conversation.restore();
if (found === "gone") welcome.tell("welcome.ended");
draw(store.state, store.state);
if (conversation.isOpen) composer.focus();
api.countries().then((countries) => store.dispatch({ type: "countries", countries })).catch(() => {});
actions.loadCard().catch(() => {});
registerWorker();
document.body.dataset.ready = "";
