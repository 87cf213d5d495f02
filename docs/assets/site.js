// Opened from a folder, without a server, a link to `adam/` would list the folder. Name the page.
if (location.protocol === "file:") {
  for (const link of document.querySelectorAll("a[href]")) {
    if (link.protocol === "file:" && link.pathname.endsWith("/")) link.pathname += "index.html";
  }
}

// What fits does not scroll, and need not be a stop of the Tab key, nor a landmark.
const boxes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const box = target.closest(".scrolls");
    const scrolls = box.scrollWidth > box.clientWidth;
    scrolls ? box.setAttribute("tabindex", "0") : box.removeAttribute("tabindex");
    if (box.ariaLabel) scrolls ? box.setAttribute("role", "region") : box.removeAttribute("role");
  }
});
for (const box of document.querySelectorAll(".scrolls")) {
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
