/* Runs before anything is painted and without modules: settings on <html>, and the quick exit, which must work
   even when every other script fails. Settings are the only thing kept in localStorage. */
(() => {
  const root = document.documentElement;
  const settings = (() => {
    try {
      return JSON.parse(localStorage.getItem("attune.settings")) ?? {};
    } catch {
      return {}; // storage is refused in some private modes; defaults do
    }
  })();
  // Only the talk's page is in the chosen language as a whole; the other pages hold both languages.
  if (root.dataset.page === "talk") {
    const language = settings.language ?? (navigator.language.toLowerCase().startsWith("ar") ? "ar" : "en");
    root.lang = language;
    root.dir = language === "ar" ? "rtl" : "ltr";
  }
  if (settings.theme) root.dataset.theme = settings.theme;
  if (settings.size) root.dataset.size = settings.size;
  if (settings.cue === false) root.dataset.cue = "off";

  const leave = () => {
    const target = document.getElementById("leave")?.href;
    document.title = root.dataset.exitTitle ?? "";
    document.body.replaceChildren();
    try {
      sessionStorage.clear();
    } catch {
      // nothing was stored then
    }
    if (target) location.replace(target);
  };

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#leave")) return;
    event.preventDefault();
    leave();
  });

  // Three presses of Shift alone. A letter typed in between, or two seconds, starts the count again.
  let presses = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Shift") presses = [];
  });
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift") return;
    presses = [...presses.filter((at) => event.timeStamp - at < 2000), event.timeStamp];
    if (presses.length >= 3) leave();
  });
})();
