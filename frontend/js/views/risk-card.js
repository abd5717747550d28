/* Help lines: the card in the conversation and in the help dialog. Numbers come from the registry only. */
import { el, icon } from "../dom.js";
import { countryName } from "../i18n.js";

const PHONE = "M6 3h3l2 5-2.5 1.5a11 11 0 0 0 5 5L15 12l5 2v3a3 3 0 0 1-3 3A14 14 0 0 1 3 6a3 3 0 0 1 3-3z";
const dialable = (number) => number.replace(/[^\d+]/g, "");

function emergencyCalls({ emergency }, t) {
  if (!emergency.length) return null;
  const calls = emergency.map((number) =>
    el("li", {}, el("a", { class: "call first", href: `tel:${dialable(number)}` }, icon(PHONE), el("span", {}, t("risk.emergency"), " ", el("bdi", { dir: "ltr" }, number)))));
  return el("ul", { class: "card-calls emergency" }, ...calls);
}

function numberLink(scheme, name, number, keys, t) {
  const [label, full] = keys;
  const [before, after] = t(label, { number: "\u0000" }).split("\u0000");
  return el("a", { class: "call other", href: `${scheme}:${dialable(number)}`, "aria-label": t(full, { name, number }) },
    el("span", {}, before, el("bdi", { dir: "ltr" }, number), after));
}

const siteLink = (name, url, t) =>
  el("a", { class: "call other", href: url, target: "_blank", rel: "noopener noreferrer", "aria-label": t("risk.siteName", { name }) }, t("risk.site"));

/** Entries of one organisation stand under its name once. */
const byName = (entries) => [...Map.groupBy(entries, ({ name }) => name).values()];

/** One organisation: name, when and in which languages, and the ways to reach it. */
function contact(entries, { t, locale }) {
  const [{ name, hours }] = entries;
  const named = new Intl.DisplayNames([locale], { type: "language" });
  const codes = [...new Set(entries.flatMap(({ languages }) => languages))];
  const list = new Intl.ListFormat(locale, { type: "conjunction" }).format(codes.map((code) => named.of(code)));
  const facts = [hours && t("risk.hours", { hours }), list && t("risk.languages", { list })].filter(Boolean);
  const ways = [
    ...entries.map(({ dial }) => dial && numberLink("tel", name, dial, ["risk.call", "risk.callName"], t)),
    ...entries.map(({ sms }) => sms && numberLink("sms", name, sms, ["risk.text", "risk.textName"], t)),
    ...entries.map(({ url }) => url && siteLink(name, url, t)),
  ];
  return el("li", { class: "contact" },
    el("span", { class: "contact-name", dir: "auto" }, name),
    facts.length > 0 && el("span", { class: "contact-facts" }, facts.join(" · ")),
    entries.some(({ verified }) => !verified) && el("span", { class: "unverified" }, t("risk.unverified")),
    el("span", { class: "contact-ways" }, ...ways));
}

let pickers = 0;

/** Asks where the person is. The answer goes to the gateway, and the card is drawn anew. */
function countryPicker(card, { words: { t, locale }, actions }) {
  const id = `risk-country-${++pickers}`;
  const select = el("select", { id, onchange: () => actions.chooseCountry(select.value || null) },
    el("option", { value: "" }, t("risk.pickCountry")),
    ...actions.countries().map(({ code, name }) => el("option", { value: code, selected: code === card.country }, countryName(locale, code, name))));
  return el("div", { class: "field" }, el("label", { for: id }, card.country ? t("risk.change") : t("risk.askCountry")), select);
}

const folded = (title, ...children) => el("details", {}, el("summary", {}, title), ...children);

/** The inside of a card, also used by the help dialog. */
export function cardBody(card, { words, actions }) {
  const { t, locale } = words;
  const picker = countryPicker(card, { words, actions });
  const directories = byName(card.directories).map((entries) => contact(entries, words));
  const lines = byName(card.contacts).map((entries) => contact(entries, words));
  return [
    emergencyCalls(card, t),
    ...(card.country ? [] : [picker, el("p", {}, t("risk.unknownCountry"))]),
    ...(card.country ? [el("h3", {}, t("risk.linesFor", { country: countryName(locale, card.country, card.country_name) }))] : []),
    lines.length > 0 && el("ul", { class: "card-calls" }, ...lines),
    card.country && lines.length === 0 && el("p", {}, t("risk.noLines")),
    directories.length > 0 && (lines.length > 0
      ? folded(t("risk.directories"), el("ul", { class: "card-calls" }, ...directories))
      : el("ul", { class: "card-calls" }, ...directories)),
    card.country && folded(t("risk.change"), picker),
    folded(t("risk.whatHappens"), el("p", {}, t("risk.whatHappensText"))),
  ].filter(Boolean);
}

/** The card of a turn. A soft check-in and cards of earlier turns are folded, so that help is near and not loud. */
export function riskCard(risk, { words, actions, folded: isFolded }) {
  const { t } = words;
  const body = cardBody(risk.card, { words, actions });
  if (isFolded) return el("details", { class: "card" }, el("summary", {}, t("risk.soft")), el("div", { class: "card-body" }, ...body));
  return el("section", { class: "card", "aria-label": t(`risk.title.${risk.kind}`) },
    el("h2", {}, t(`risk.title.${risk.kind}`)), el("p", {}, t(`risk.lead.${risk.kind}`)), ...body);
}
