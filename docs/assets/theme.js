/*
 * What the theme's pages do, in the place of the theme's own script: that one weighs a third of a page,
 * and keeps a telephone busy for half a second. Without this file all can be read.
 */
"use strict";
(() => {
  // Colors: as the system, light, or dark. The label beside a choice leads to the next.
  const choices = [...document.querySelectorAll("[name=__palette]")];
  const light = matchMedia("(prefers-color-scheme: light)");
  const chosen = () => choices.find((each) => each.checked) ?? choices[0];
  function paint() {
    const choice = chosen();
    const system = choice.dataset.mdColorMedia === "(prefers-color-scheme)";
    const media = `(prefers-color-scheme: ${light.matches ? "light" : "dark"})`;
    const from = system ? choices.find((each) => each.dataset.mdColorMedia === media) : choice;
    for (const key of ["scheme", "primary", "accent"]) {
      const name = `data-md-color-${key}`;
      const value = from.getAttribute(name);
      if (document.body.getAttribute(name) !== value) document.body.setAttribute(name, value);
    }
    for (const each of choices) each.nextElementSibling.hidden = each !== choice;
  }
  for (const [index, choice] of choices.entries()) {
    choice.addEventListener("change", () => {
      const [media, scheme, primary, accent] = ["media", "scheme", "primary", "accent"]
        .map((key) => choice.getAttribute(`data-md-color-${key}`));
      __md_set("__palette", { index, color: { media, scheme, primary, accent } });
      paint();
    });
  }
  const stored = window.__md_get?.("__palette");
  if (choices[stored?.index]) choices[stored.index].checked = true;
  light.addEventListener("change", paint);
  if (choices.length) paint();

  // The header says which page this is, once its title is out of sight.
  const title = document.querySelector(".md-header__title");
  const heading = document.querySelector(".md-content h1");
  if (heading) {
    new IntersectionObserver((entries) => {
      const { isIntersecting, boundingClientRect } = entries.at(-1); // what came before is past
      title.classList.toggle("md-header__title--active", !isIntersecting && boundingClientRect.top < 0);
    }, { rootMargin: "-48px 0px 0px" }).observe(heading);
  }

  // The sidebar marks the section that is being read.
  const links = new Map();
  for (const link of document.querySelectorAll(".md-nav--secondary .md-nav__link[href*='#']")) {
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (target) links.set(target, link);
  }
  // Those above a line near the top have been reached; the last of them is read. Of a part that the
  // browser has not drawn nobody knows where its headings are, so the part stands for its first.
  const places = new Map();
  for (const target of links.keys()) {
    const part = target.closest(".sbs-part");
    places.set(part && !places.has(part) ? part : target, target);
  }
  const reached = new Set();
  const reading = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) reached[isIntersecting ? "add" : "delete"](places.get(target));
    const read = [...links.keys()].findLast((target) => reached.has(target));
    for (const [target, link] of links) {
      link.classList.toggle("md-nav__link--active", target === read);
      if (target === read && link.checkVisibility()) link.scrollIntoView({ block: "nearest" });
    }
  }, { rootMargin: "9999999px 0px -70%" });
  for (const place of places.keys()) reading.observe(place);

  // What the page contains is in sight beside it, also far down in the list of pages.
  const beside = document.querySelector(".md-sidebar--primary .md-sidebar__scrollwrap");
  const contents = beside?.querySelector(".md-nav--secondary")?.closest(".md-nav__item");
  if (contents) {
    new IntersectionObserver(([{ rootBounds, boundingClientRect: at, isIntersecting }], observer) => {
      observer.disconnect();
      if (!rootBounds || !isIntersecting && at.height === 0) return;
      const missing = at.bottom - rootBounds.bottom;
      if (missing > 0) beside.scrollTop += Math.min(missing, at.top - rootBounds.top);
    }, { root: beside }).observe(contents);
  }

  // Back to the top, for those who turn back; who came by a link has arrived, and it would cover the heading there.
  const top = document.querySelector(".md-top");
  let before = 0;
  let arrived = false;
  document.addEventListener("click", ({ target }) => arrived = Boolean(target.closest("a[href*='#']")));
  addEventListener("popstate", () => arrived = true);
  for (const by of ["wheel", "touchmove", "keydown"]) addEventListener(by, () => arrived = false, { passive: true });
  addEventListener("scroll", () => {
    const back = scrollY < before && !arrived;
    before = scrollY;
    if (top) top.hidden = !back || scrollY < innerHeight;
  }, { passive: true });
  top?.addEventListener("click", () => scrollTo({ top: 0 }));

  // A link in the drawer closes it; n and p turn the pages; a folded place opens for those who come to it.
  // Who comes to it by keyboard sees it, as long as they are in it.
  const drawer = document.getElementById("__drawer");
  const sidebar = document.querySelector(".md-sidebar--primary");
  let entered = false;
  sidebar?.addEventListener("click", ({ target }) => {
    if (drawer && target.closest("a")) drawer.checked = false;
  });
  sidebar?.addEventListener("focusin", ({ target }) => {
    if (drawer && target.matches(":focus-visible")) drawer.checked = entered = true;
  });
  sidebar?.addEventListener("focusout", ({ relatedTarget }) => {
    if (entered && !sidebar.contains(relatedTarget)) drawer.checked = entered = false;
  });
  document.addEventListener("keydown", ({ key, target, altKey, ctrlKey, metaKey }) => {
    if (altKey || ctrlKey || metaKey || target.closest("input, textarea, [contenteditable], dialog")) return;
    const way = { n: "next", ".": "next", p: "prev", ",": "prev" }[key];
    if (way) document.querySelector(`.md-footer__link--${way}`)?.click();
  });
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let at = target?.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
  };
  addEventListener("hashchange", unfold);
  if (location.hash) unfold();
  addEventListener("beforeprint", () => {
    for (const each of document.querySelectorAll(".md-content details:not(.sbs-legend, .sbs-cite, .on-screen)")) each.open = true;
  });
})();
