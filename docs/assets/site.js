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
