import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { countryName, createTranslator, directionOf, languageOf, timeUntil } from "../js/i18n.js";

const at = (path) => new URL(`../${path}`, import.meta.url);
const read = (path) => readFileSync(at(path), "utf8");
const EN = JSON.parse(read("locales/en.json"));
const AR = JSON.parse(read("locales/ar.json"));
const forms = (entry) => (typeof entry === "string" ? [entry] : Object.values(entry));
const holes = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
const sources = ["js", "js/views"].flatMap((folder) =>
  readdirSync(at(folder)).filter((name) => name.endsWith(".js")).map((name) => [`${folder}/${name}`, read(`${folder}/${name}`)]));

test("both catalogs have the same keys in the same order", () => {
  assert.deepEqual(Object.keys(AR), Object.keys(EN));
});

test("translations fill the same holes", () => {
  for (const key of Object.keys(EN)) {
    if (typeof EN[key] === "string") assert.deepEqual(holes(AR[key]), holes(EN[key]), key);
  }
});

test("a plural has every form that its language asks for", () => {
  for (const [locale, catalog] of [["en", EN], ["ar", AR]]) {
    const categories = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
    for (const [key, entry] of Object.entries(catalog)) {
      if (typeof entry !== "string") assert.deepEqual(Object.keys(entry).sort(), [...categories].sort(), `${locale} ${key}`);
    }
  }
});

test("Arabic plurals are chosen by number", () => {
  const t = createTranslator("ar", AR);
  assert.equal(t("breath.left", { n: 2 }), "بقيت ثانيتان");
  assert.match(t("breath.left", { n: 5 }), /ثوانٍ/);
});

test("a missing key is an error and not a silence", () => {
  assert.throws(() => createTranslator("en", EN)("no.such.key"), /no words/);
});

test("the page's own words are those of the English catalog", () => {
  const html = read("index.html");
  const plain = html.matchAll(/data-i18n="([^"]+)"[^>]*>([^<]*)</g);
  const attributes = [["label", "aria-label"], ["title", "title"], ["placeholder", "placeholder"]];
  let seen = 0;
  for (const [, key, text] of plain) {
    assert.equal(text, EN[key], key);
    seen += 1;
  }
  for (const [name, attribute] of attributes) {
    for (const [, key, text] of html.matchAll(new RegExp(`data-i18n-${name}="([^"]+)"[^>]*? ${attribute}="([^"]+)"`, "g"))) {
      assert.equal(text, EN[key], key);
      seen += 1;
    }
  }
  assert.ok(seen > 70, `only ${seen} words were found`);
});

test("every key that the scripts and the page name exists, and every key is used", () => {
  const everything = [...sources.map(([, text]) => text), read("index.html")].join("\n");
  const named = new Set([...everything.matchAll(/["`]([a-z]+(?:\.[a-zA-Z_]+)+)["`]/g)].map(([, key]) => key));
  const prefixes = [...everything.matchAll(/`([a-z.]+\.)\$\{/g)].map(([, prefix]) => prefix);
  const families = ["why.emotion.", "move.", "source."];
  const unused = Object.keys(EN).filter((key) => !named.has(key) && ![...prefixes, ...families].some((prefix) => key.startsWith(prefix)));
  assert.deepEqual(unused, []);
  const missing = [...everything.matchAll(/\bt\("([^"]+)"/g)].map(([, key]) => key).filter((key) => !(key in EN));
  assert.deepEqual(missing, []);
});

test("scripts hold no sentence of their own", () => {
  for (const [name, text] of sources) {
    const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$|\s\/\/ .*$/gm, "").replace(/new Error\([^)]*\)|DOMException\([^)]*\)/g, "");
    const sentences = [...code.matchAll(/"([^"\n]*)"/g)].map(([, value]) => value)
      .filter((value) => /^[A-Z][a-z]+( [a-z]+)+/.test(value));
    assert.deepEqual(sentences, [], name);
  }
});

test("no word that the law keeps for licensed people", () => {
  const pages = ["index.html", "safety.html", "privacy.html", "help.html"].map(read);
  const all = [...Object.values(EN).flatMap(forms), ...pages].join("\n");
  assert.doesNotMatch(all, /therap|treatment|patient|diagnos|clinical/i);
  assert.doesNotMatch(Object.values(AR).flatMap(forms).join("\n"), /علاج|معالج|مريض|تشخيص|سريري/);
});

test("no page has an inline script or style, or another host than the links a person may tap", () => {
  for (const page of ["index.html", "safety.html", "privacy.html", "help.html"]) {
    const html = read(page);
    assert.doesNotMatch(html, /<style|style="|<script(?![^>]*src=)| on[a-z]+="/, page);
    assert.doesNotMatch(html, /(?:src|<link[^>]*href)="(?:https?:)?\/\//, page);
  }
  for (const [name, text] of sources) assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/, name);
});

test("a message's language comes from its script", () => {
  assert.equal(languageOf("مرحبا", "en"), "ar");
  assert.equal(languageOf("hello", "ar"), "en");
  assert.equal(languageOf("42", "ar"), "ar");
  assert.equal(directionOf("Attune ذكاء اصطناعي"), "rtl");
  assert.equal(directionOf("hello"), "auto");
});

test("countries and times speak the page's language", () => {
  assert.equal(countryName("ar", "EG", "Egypt"), "مصر");
  assert.equal(countryName("en", "?", "Nowhere"), "Nowhere");
  assert.equal(timeUntil("en", "2026-11-23T10:00:00Z", Date.parse("2026-11-22T10:00:00Z")), "in 24 hours");
  assert.equal(timeUntil("en", "2026-11-22T10:05:00Z", Date.parse("2026-11-22T10:00:00Z")), "in 5 minutes");
});
