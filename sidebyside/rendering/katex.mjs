// Typesets formulas for katex.py: one JSON object per line in, one out, in the same order.
// The only argument is the folder of the npm package `katex`.

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const { default: katex } = await import(pathToFileURL(join(process.argv[2], "dist", "katex.mjs")));

// What papers write, and KaTeX has another name for, or nothing to show for.
const macros = { "\\mbox": "\\text{#1}", "\\ensuremath": "{#1}", "\\label": "\\@secondoftwo{#1}{}" };

const options = {
  output: "htmlAndMathml",
  throwOnError: true,
  maxSize: 50, // of what has a size, in letters: nothing that is read is larger
  // Symbols carry their identity in \htmlData, and an author may mark a term for a stylesheet. It is
  // the only command that needs trust, and the only departure from LaTeX that is not an error.
  trust: ({ command, attributes }) => {
    const known = ["data-sym", "data-term"].includes(Object.keys(attributes ?? {}).join());
    if (command === "\\htmlData" && known) return true;
    throw new katex.ParseError(`${command} is not allowed here`);
  },
  strict: (code) => (code === "htmlExtension" ? "ignore" : "error"),
};

// KaTeX warns of characters it has no font for. Nobody reads warnings of a build.
console.warn = (message) => {
  throw new katex.ParseError(message);
};

// KaTeX repeats the LaTeX, tags included, inside the MathML. The page has it without tags elsewhere.
const annotation = /<annotation encoding="application\/x-tex">[^<]*<\/annotation>/;

function typeset({ tex, display }) {
  try {
    const html = katex.renderToString(tex, { ...options, macros: { ...macros }, displayMode: display });
    return { html: html.replace(annotation, "") };
  } catch (error) {
    if (error instanceof katex.ParseError) return { error: error.message };
    throw error;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(typeset(JSON.parse(line))) + "\n");
}
