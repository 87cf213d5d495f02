// Before anything is painted: who reads in the dark never sees a light page. The rest is in theme.js.
"use strict";
(() => {
  // The theme asks whether there are scripts. Answered later, it would cost all styles a second time.
  document.documentElement.classList.replace("no-js", "js");
  const chosen = __md_get("__palette")?.color;
  const system = !chosen || chosen.media === "(prefers-color-scheme)";
  const dark = system ? matchMedia("(prefers-color-scheme: dark)").matches : chosen.scheme === "slate";
  if (!dark) return;
  new MutationObserver((_, observer) => {
    if (!document.body) return;
    document.body.dataset.mdColorScheme = "slate";
    observer.disconnect();
  }).observe(document.documentElement, { childList: true });
})();
