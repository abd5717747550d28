/* Every number and address the page's scripts use, with units in the names. */
export const CONFIG = Object.freeze({
  consentVersion: "2026-11",
  locales: Object.freeze({ en: "ltr", ar: "rtl" }),
  messageCharsMax: 4000,
  charsLeftShownBelow: 400,
  stillWritingEveryMs: 7000,
  openTimeoutMs: 15000,
  streamIdleTimeoutMs: 30000, // the gateway pings every 15 s at most
  resumeDelaysMs: Object.freeze([500, 1500, 4000]),
  catalogDelaysMs: Object.freeze([300, 1500]),
  copiedShownMs: 2000,
  nearBottomPx: 160,
  readingTopPx: 84, // the sticky header and a little air
  helpPath: "/help.html",
  workerPath: "/sw.js",
});
