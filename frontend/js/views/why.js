/* "Why this reply?": the machine-readable reasons of a reply, in words. */
import { el } from "../dom.js";

const line = (name, ...value) => el("div", {}, el("dt", {}, name), el("dd", {}, ...value));
const code = (text) => el("code", { dir: "ltr" }, text);

export function whyList(why, { t, has }) {
  const named = (prefix, value) => (has(`${prefix}.${value}`) ? t(`${prefix}.${value}`) : value);
  const comma = new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" });
  return el("dl", { class: "why" },
    line(t("why.move"), named("move", why.move ?? "none")),
    line(t("why.sources"), comma.format(why.sources.map((source) => named("source", source)))),
    line(t("why.emotion"), why.emotion ? named("why.emotion", why.emotion) : t("why.emotionNone")),
    why.tier !== "none" && el("div", {}, el("dt", {}, t("why.risk"))),
    line(t("why.checks"), ...(why.lint.length ? why.lint.flatMap((name) => [code(name), " "]) : [t("why.checksNone")])),
    line(t("why.rule"), code(why.rule)));
}
