/*
 * Search. Each section of each page was indexed by docs/hooks/search.py; neither the index nor this
 * is loaded before a reader asks for it: site.js does that. Greek letters and their names are one, `β₂` is `beta2`, one letter may be
 * wrong, and words with the same meaning stand in for each other.
 */
"use strict";
(() => {
  const base = new URL("..", document.currentScript.src);
  const dialog = document.querySelector(".site-search");
  const field = dialog.querySelector("input");
  const list = dialog.querySelector("ol");
  const status = dialog.querySelector("[role=status]");
  const FOUND = "searched-words";

  const GREEK = { α: "alpha", β: "beta", γ: "gamma", δ: "delta", ε: "epsilon", θ: "theta", λ: "lambda",
    μ: "mu", ρ: "rho", σ: "sigma", ϵ: "epsilon", ψ: "psi", χ: "chi", Δ: "delta", Σ: "sum" };
  // ₂ becomes 2, and what stands above a Latin or Greek letter goes. In Sinhala such signs are vowels;
  // there, joiners go, which few people type.
  const folded = (text) => text.normalize("NFKD").replace(/([\p{Script=Latin}\p{Script=Greek}\d])\p{M}+/gu, "$1")
    .normalize("NFC").replace(/[\u200c\u200d\u2060]/g, "")
    .replace(/[\u0370-\u03ff]/g, (letter) => GREEK[letter] ?? letter).toLowerCase();
  // Chinese and Japanese have no spaces: the browser knows their words, or else two characters are one.
  const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々]+/gu;
  const segmenter = window.Intl?.Segmenter && new Intl.Segmenter(document.documentElement.lang, { granularity: "word" });
  const cut = (run) => segmenter ? [...segmenter.segment(run)].map(({ segment }) => segment)
    : [...run].map((character, at, all) => character + (all[at + 1] ?? ""));
  const words = (text) => (folded(text).replace(UNSPACED, (run) => ` ${cut(run).join(" ")} `)
    .match(/\d[\d.]*e-?\d+|[\p{L}\p{M}\d_]+(?:-[\p{L}\p{M}\d_]+)*/gu) ?? [])
    .map((word) => (/^[a-z]{3,}[^su\d_\W]s$/.test(word) ? word.slice(0, -1) : word)); // closures, closure

  // What one word can be found by: itself, without hyphens, and its parts.
  const forms = (word) => {
    const parts = word.split(/[-_]/);
    return parts.length > 1 ? [word, parts.join(""), ...parts.filter((part) => part)] : [word];
  };

  // What words such as converge, converges and convergence have in common.
  const stem = (word) => {
    const short = word.replace(/(?:ations?|ating|at(?:e|es|ed)|ings?|ions?|ences?|ents?|ers?|ed|es|e|s)$/, "");
    return /^[a-z]{4,}$/.test(short) ? `~${short.replace(/(.)\1$/, "$1")}` : "";
  };

  let index; // of each word, and of each stem: the sections it stands in, with its worth there
  let synonyms;
  let silent;
  function build({ sections, synonyms: groups, silent: common }) {
    index = new Map();
    sections.forEach((section, number) => {
      const add = (text, worth) => {
        for (const word of words(text)) {
          [...forms(word), stem(word)].filter(Boolean).forEach((form, part) => {
            const at = index.get(form) ?? index.set(form, new Map()).get(form);
            // Repeating a word helps, but less and less.
            const [before, more] = [at.get(number) ?? 0, part ? worth / 4 : worth];
            at.set(number, before + more / (1 + before));
          });
        }
      };
      add(section.title, section.level === 1 ? 14 : 9);
      add(section.page, 2);
      if (section.level === 1) add(section.url, 4);
      add(section.code, 3);
      add(section.text, 1);
    });
    synonyms = groups.map((group) => group.map((each) => words(each).join(" ")));
    silent = new Set(common.split(" "));
  }

  // Equal up to one letter that is wrong, missing, too many, or swapped with the next.
  function almost(a, b) {
    if (Math.abs(a.length - b.length) > 1) return false;
    let start = 0;
    while (start < a.length && a[start] === b[start]) start++;
    const [x, y] = [a.slice(start), b.slice(start)];
    return x.slice(1) === y.slice(1) || x.slice(1) === y || x === y.slice(1)
      || (x[0] === y[1] && x[1] === y[0] && x.slice(2) === y.slice(2));
  }

  // The sections with a word, or with one that begins like it, or, if there is none, looks like it.
  function lookup(word, last) {
    const found = new Map();
    const take = (at, share) => {
      const rare = Math.log(1 + window.siteIndex.sections.length / at.size);
      for (const [number, worth] of at) {
        found.set(number, Math.max(found.get(number) ?? 0, worth * share * rare));
      }
    };
    if (index.has(word)) take(index.get(word), 1);
    if (index.has(stem(word))) take(index.get(stem(word)), 0.5);
    const parts = word.split(/[-_]/).filter(Boolean);
    if (parts.length > 1) {
      if (index.has(parts.join(""))) take(index.get(parts.join("")), 1); // m_t is mₜ
      for (const [number, worth] of all(parts.map((part) => lookup(part, false)))) {
        found.set(number, Math.max(found.get(number) ?? 0, worth / (index.has(word) ? 8 : 2)));
      }
    }
    const begins = last || !found.size;
    const share = index.has(word) ? 0.25 : 0.5;
    if (begins && word.length > 1) for (const [each, at] of index) if (each.startsWith(word)) take(at, share);
    if (!found.size && word.length > 3) for (const [each, at] of index) if (almost(word, each)) take(at, 0.4);
    return found;
  }

  const all = (found) => {
    const [first, ...others] = found;
    const both = new Map();
    for (const [number, worth] of first) {
      if (others.every((other) => other.has(number))) {
        both.set(number, others.reduce((sum, other) => sum + other.get(number), worth));
      }
    }
    return both;
  };

  function search(query) {
    let text = words(query).join(" ");
    const terms = [];
    // What has synonyms is taken out as a whole; the rest word by word.
    for (const group of synonyms) {
      const said = group.find((each) => ` ${text} `.includes(` ${each} `))
        ?? text.split(" ").find((word) => word.length > 6 && group.some((each) => almost(word, each)));
      if (!said) continue;
      text = ` ${text} `.replace(` ${said} `, " ").trim();
      terms.push(group.map((each) => all(each.split(" ").map((word) => lookup(word, false)))
      ).reduce((best, found, number) => {
        for (const [at, worth] of found) {
          best.set(at, Math.max(best.get(at) ?? 0, worth * (group[number] === said ? 1 : 0.7)));
        }
        return best;
      }, new Map()));
    }
    const said = text.split(" ").filter((word) => word);
    const telling = said.filter((word) => !silent.has(word));
    const others = telling.length || terms.length ? telling : said;
    terms.push(...others.map((word, number) => lookup(word, number === others.length - 1)));
    const scores = new Map();
    for (const term of terms) {
      for (const [number, worth] of term) {
        const [sum, met] = scores.get(number) ?? [0, 0];
        scores.set(number, [sum + worth, met + 1]);
      }
    }
    // A section with all of the words comes before those with some of them, and one that is called so before
    // it; of equal ones, that of the higher heading.
    const ranked = [...scores].map(([number, [sum, met]]) => {
      const section = window.siteIndex.sections[number];
      const called = others.length && words(section.title).join(" ") === others.join(" ") ? 2 : 1;
      return { section, worth: sum * section.weight * called * (1 - section.level / 100) * (met / terms.length) ** 3 };
    }).sort((a, b) => b.worth - a.worth);
    // The best section of another page comes before a second one of the same page, if it is as good by half.
    const seen = new Set();
    for (const each of ranked) {
      if (seen.has(each.section.page)) each.worth /= 2;
      seen.add(each.section.page);
    }
    return ranked.sort((a, b) => b.worth - a.worth).slice(0, 20).map(({ section }) => section);
  }

  function excerpt(section, query) {
    const wanted = words(query);
    const parts = section.text.split(/(?<=[.:;?!])\s+|(?<=[。！？；])/);
    const at = Math.max(0, parts.findIndex((part) => words(part).some((word) => wanted.includes(word))));
    // What ends with a colon is said by what comes next. A number such as 1e-16 stays in one piece.
    const best = (/[:：]$/.test(parts[at]) ? parts.slice(at, at + 2).join(" ") : parts[at]).replace(/(\de)-(?=\d)/g, "$1\u2011");
    return best.length > 150 ? `${best.slice(0, 150).replace(/\s\S*$/, "")} …` : best;
  }

  function show() {
    const query = field.value.trim();
    const found = query && index ? search(query) : [];
    list.replaceChildren(...found.map((section) => {
      const [item, link, where, text] = ["li", "a", "small", "p"].map((tag) => document.createElement(tag));
      link.href = new URL(base.protocol === "file:" ? section.url.replace(/(^|\/)(?=#|$)/, "$1index.html") : section.url, base);
      link.textContent = section.title || section.page;
      where.textContent = section.title === section.page ? "" : section.page;
      text.textContent = excerpt(section, query);
      link.append(where);
      item.append(link, text);
      return item;
    }));
    const say = window.sidebysideSay;
    status.textContent = !query ? "" : !index ? say("Loading …")
      : found.length ? say("{number} found", { number: found.length }) : say("Nothing found");
    if (index) list.dataset.query = query; // who tests can wait for it
  }

  function open() {
    if (index || document.querySelector("[data-site-index]")) return;
    const script = document.createElement("script");
    script.dataset.siteIndex = "";
    script.src = new URL("assets/search-index.js", base);
    script.onload = () => {
      build(window.siteIndex);
      show();
    };
    document.head.append(script);
  }

  window.siteSearch = open;
  field.addEventListener("input", show);
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  // Up and down through the results; Enter in the field opens the first.
  dialog.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      (links[to] ?? field).focus();
    } else if (event.key === "Enter" && at < 0 && links[0]) {
      event.preventDefault();
      links[0].click();
    }
  });
  list.addEventListener("click", ({ target }) => {
    if (target.closest("a")) sessionStorage.setItem(FOUND, field.value);
    dialog.close();
  });

  // The page one came to marks what was searched for.
  const searched = sessionStorage.getItem(FOUND);
  sessionStorage.removeItem(FOUND);
  if (searched && window.Highlight) {
    const wanted = words(searched);
    const walker = document.createTreeWalker(document.querySelector(".md-content"), NodeFilter.SHOW_TEXT);
    const ranges = [];
    while (walker.nextNode()) {
      const { currentNode: node } = walker;
      for (const match of node.data.matchAll(/[\p{L}\p{M}\d_\u200d-]+/gu)) {
        if (!wanted.some((word) => folded(match[0]).includes(word))) continue;
        const range = new Range();
        range.setStart(node, match.index);
        range.setEnd(node, match.index + match[0].length);
        ranges.push(range);
      }
    }
    CSS.highlights.set("searched", new Highlight(...ranges));
  }
  if (dialog.open) open();
})();
