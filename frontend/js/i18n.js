/* Words in the chosen language. Every string a person reads comes from /locales/*.json through `t`. */

/** `t(key, values)` fills `{name}`; an entry that is an object is a plural and is chosen by `values.n`. */
export function createTranslator(locale, catalog) {
  const plurals = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return function t(key, values = {}) {
    const entry = catalog[key];
    if (entry === undefined) throw new Error(`no words for ${key}`);
    const text = typeof entry === "string" ? entry : (entry[plurals.select(values.n)] ?? entry.other);
    return text.replace(/\{(\w+)\}/g, (_, name) =>
      typeof values[name] === "number" ? numbers.format(values[name]) : String(values[name] ?? ""));
  };
}

/** Whether a catalog has words for this key: labels of enum values that a newer gateway may send. */
export const createHas = (catalog) => (key) => Object.hasOwn(catalog, key);

/** The language tag of one message by its script: a message may be in another language than the page. */
export function languageOf(text, pageLocale) {
  if (/\p{Script=Arabic}/u.test(text)) return "ar";
  if (/\p{Script=Devanagari}/u.test(text)) return "hi";
  if (/\p{Script=Latin}/u.test(text)) return pageLocale === "ar" ? "en" : pageLocale;
  return pageLocale;
}

/** The direction of Attune's own text. `dir="auto"` looks at the first letter only, and "Attune" is a Latin name. */
export const directionOf = (text) => (/\p{Script=Arabic}/u.test(text) ? "rtl" : "auto");

/** A country's name in the page's language, or the name the gateway gave. */
export function countryName(locale, code, fallback) {
  try {
    return new Intl.DisplayNames([locale], { type: "region", fallback: "none" }).of(code) ?? fallback ?? code;
  } catch {
    return fallback ?? code; // a code that Intl does not accept
  }
}

/** How far away a moment is, as in "in 23 hours". `nowMs` is passed in. */
export function timeUntil(locale, isoTime, nowMs) {
  const minutes = Math.max(0, (Date.parse(isoTime) - nowMs) / 60000);
  const [value, unit] =
    minutes < 90 ? [minutes, "minute"] : minutes < 48 * 60 ? [minutes / 60, "hour"] : [minutes / 1440, "day"];
  return new Intl.RelativeTimeFormat(locale, { numeric: "always" }).format(Math.round(value), unit);
}

const ATTRIBUTES = [["i18nLabel", "aria-label"], ["i18nTitle", "title"], ["i18nPlaceholder", "placeholder"]];

/** Puts words into every `data-i18n*` element under `root`. */
export function translateTree(root, t) {
  for (const node of root.querySelectorAll("[data-i18n]")) node.textContent = t(node.dataset.i18n);
  for (const [name, attribute] of ATTRIBUTES) {
    const selector = `[data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}]`;
    for (const node of root.querySelectorAll(selector)) node.setAttribute(attribute, t(node.dataset[name]));
  }
}
