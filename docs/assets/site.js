// Opened from a folder, without a server, a link to `adam/` would list the folder. Name the page.
if (location.protocol === "file:") {
  for (const link of document.querySelectorAll("a[href]")) {
    if (link.protocol === "file:" && link.pathname.endsWith("/")) link.pathname += "index.html";
  }
}

// What fits does not scroll, and need not be a stop of the Tab key, nor a landmark: a section without a name is none.
// All are measured before any is changed, since each change has the browser compute styles anew.
const names = new Map();
const boxes = new ResizeObserver((entries) => {
  const touched = new Set(entries.map(({ target }) => target.closest(".scrolls")));
  // What is not drawn yet has no width, and stays as it is.
  const drawn = [...touched].filter((box) => box.firstElementChild.checkVisibility({ contentVisibilityAuto: true }));
  const measured = drawn.map((box) => [box, box.scrollWidth > box.clientWidth]);
  for (const [box, scrolls] of measured) {
    if (scrolls === box.hasAttribute("tabindex") || box === document.activeElement) continue;
    scrolls ? box.setAttribute("tabindex", "0") : box.removeAttribute("tabindex");
    box.ariaLabel = scrolls ? names.get(box) : null;
  }
});
for (const box of document.querySelectorAll(".scrolls")) {
  names.set(box, box.ariaLabel);
  boxes.observe(box);
  boxes.observe(box.querySelector("table, code"));
}

// The search is loaded when a reader asks for it, or comes from it.
const search = document.createElement("script");
search.src = new URL("search.js", document.currentScript.src);
const dialog = document.querySelector(".site-search");
const ask = () => {
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("input").select();
  window.siteSearch ? window.siteSearch() : document.head.append(search);
};
document.querySelector(".site-search-open").addEventListener("click", ask);
document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input, textarea, [contenteditable]");
  const typing = field && (dialog.open || !dialog.contains(field));
  if ((event.key === "/" && !typing) || (event.key === "k" && (event.ctrlKey || event.metaKey))) {
    event.preventDefault();
    ask();
  }
});
if (sessionStorage.getItem("searched-words")) document.head.append(search);

// To another language, but not away from what one reads: the nearest place goes along.
const languages = document.querySelector(".site-languages");
languages?.addEventListener("click", ({ target }) => {
  const link = target.closest("a");
  if (!link) return;
  const places = [...document.querySelectorAll(".md-content [id]")].filter((place) => place.checkVisibility());
  const above = places.filter((place) => place.getBoundingClientRect().top < innerHeight / 4);
  const near = scrollY > 0 && above.reduce((best, place) =>
    place.getBoundingClientRect().top >= (best?.getBoundingClientRect().top ?? -Infinity) ? place : best, null);
  link.hash = near ? near.id : location.hash;
});
document.addEventListener("click", ({ target }) => {
  if (!languages?.contains(target)) languages?.removeAttribute("open");
});
