/* How the page looks and speaks. Kept in localStorage under the key that boot.js reads; no word of a talk is here. */
const KEPT = "attune.settings";
const DEFAULTS = Object.freeze({ theme: "auto", size: "normal", cue: true });

export function createSettings({ storage, root, locales }) {
  const read = () => {
    try {
      return JSON.parse(storage.getItem(KEPT)) ?? {};
    } catch {
      return {};
    }
  };
  let settings = { ...DEFAULTS, language: root.lang, ...read() };

  const apply = () => {
    root.lang = settings.language;
    root.dir = locales[settings.language];
    root.dataset.theme = settings.theme;
    root.dataset.size = settings.size;
    root.dataset.cue = settings.cue ? "on" : "off";
  };
  apply();
  return {
    get: () => settings,
    change(part) {
      settings = { ...settings, ...part };
      try {
        storage.setItem(KEPT, JSON.stringify(settings));
      } catch {
        // a full or refused storage only means that the choice is not remembered
      }
      apply();
    },
  };
}
