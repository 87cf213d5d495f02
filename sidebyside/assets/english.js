/*
 * The English of a passage, on demand: a translated page has the passages of the English page, in
 * the same order. It is fetched when a reader first asks. Without a script, the list of languages
 * leads to it.
 */
{
  const PASSAGES = "p, li, td, th, dt, dd, h1, h2, h3, h4, h5, h6, figcaption";
  const OWN = ".sbs-untranslated, .sbs-translation"; // what a translated page says of itself
  const passages = (root) => [...root.querySelectorAll(PASSAGES)].filter((each) => !each.closest(OWN));
  const article = document.querySelector("[data-english]");
  const ours = article ? passages(article) : []; // before another script adds any
  const say = (text) => window.sidebysideLabels?.[text] ?? text;

  // A link at the end of the passage under the pointer, or that has the focus.
  const link = document.createElement("a");
  Object.assign(link, { className: "sbs-original", textContent: "EN", title: say("This passage in English") });
  link.hreflang = "en";
  const original = document.createElement("div");
  Object.assign(original, { className: "sbs-note sbs-english", popover: "auto", lang: "en" });

  let theirs; // the passages of the English page
  const fetched = async () => {
    const answer = await fetch(article.dataset.english);
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return passages(page.querySelector("article"));
  };

  const offer = (target) => {
    const passage = target?.closest(PASSAGES);
    if (!ours.includes(passage) || passage.closest("[popover], [lang=en], summary") || passage.contains(link)) return;
    document.querySelector(".sbs-offers")?.classList.remove("sbs-offers");
    passage.classList.add("sbs-offers");
    const place = passage.closest("[id]") ?? passage.querySelector("[id]");
    link.href = article.dataset.english + (place ? `#${place.id}` : "");
    passage.append(link);
  };

  const show = async (passage) => {
    theirs ??= fetched();
    const found = (await theirs)[ours.indexOf(passage)];
    if (!found) throw new Error("no such passage");
    const copy = document.createElement("div");
    copy.append(...found.cloneNode(true).childNodes);
    for (const each of copy.querySelectorAll("ul, ol, [popover], button, .headerlink")) each.remove();
    for (const each of copy.querySelectorAll("[id]")) each.removeAttribute("id");
    original.replaceChildren(copy);
    article.append(original);
    original.showPopover({ source: link }); // which is where it is shown
  };

  if (article) {
    for (const kind of ["pointerover", "focusin"]) article.addEventListener(kind, ({ target }) => offer(target));
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      show(link.parentElement).catch(() => { location.href = link.href; });
    });
    // `e` shows the English of what one looks at: the passage with the link, or the first on the screen.
    document.addEventListener("keydown", (event) => {
      if (event.key !== "e" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, dialog")) return;
      const seen = (each) => each?.checkVisibility() && each.getBoundingClientRect().bottom > 60;
      if (!seen(link.parentElement)) offer(ours.find(seen));
      if (original.matches(":popover-open")) original.hidePopover();
      else link.click();
    });
  }
}
