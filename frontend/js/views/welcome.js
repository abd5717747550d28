/* The first screen: consent, language and country, then one call that opens the talk. */
import { problemWords } from "../announce.js";

export function createWelcome({ page, words, actions }) {
  const { t } = words;
  const { consent } = page;
  const agree = page["consent-agree"];
  const error = page["consent-error"];
  const start = page["consent-start"];
  const country = page["consent-country"];

  consent.addEventListener("change", (event) => {
    if (event.target.name === "locale") actions.changeSettings({ language: event.target.value });
    if (event.target === agree && agree.checked) error.textContent = "";
  });
  consent.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.textContent = "";
    if (!agree.checked) {
      error.textContent = t("welcome.agreeMissing");
      agree.focus();
      return;
    }
    start.disabled = true;
    start.textContent = t("welcome.starting");
    try {
      await actions.open({ locale: words.locale, country: country.value || null });
    } catch (problem) {
      const { key, values } = problemWords(problem);
      error.textContent = t(key, values);
    } finally {
      start.disabled = false;
      start.textContent = t("welcome.start");
    }
  });

  return {
    render() {
      for (const radio of consent.elements.locale) radio.checked = radio.value === words.locale;
    },
    tell(key) {
      agree.checked = false;
      page["welcome-message"].textContent = key ? t(key) : "";
    },
  };
}
