"""Sources for tests of names: a little package written for one test, or an installed one."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest

from sidebyside.rendering.names import TORCH_NAMES, Link, Names, SourcePage
from sidebyside.source.sections import parse_source


class Sources:
    """Some pages, their `names`, and two short ways to say which links are in them."""

    def __init__(self, pages: list[SourcePage], inventory: Path | None) -> None:
        self.names = Names(pages, inventory)
        modules = {page.module: parse_source(page.path) for page in pages}
        self.lines = {name: [line.text for line in m.lines] for name, m in modules.items()}
        # The lines that are code, with nothing in the place of prose.
        self.code = {name: [""] * len(lines) for name, lines in self.lines.items()}
        for name, module in modules.items():
            for line in (line for section in module.sections for line in section.code):
                self.code[name][line.number - 1] = line.text

    def text(self, module: str, link: Link) -> str:
        return self.lines[module][link.line - 1][link.start : link.end]

    def links(self, module: str = "m") -> list[str]:
        """All links, as `line: name -> target`."""
        found = self.names.links(module)
        return [f"{link.line}: {self.text(module, link)} -> {link.title}" for link in found]

    def target(self, module: str, place: str) -> str | None:
        """
        Where a name leads, or None if nowhere.

        The name is in double brackets, among enough of its line to find it: `self.[[step]](group)`.
        A line number may come first: `7: [[step]]`. Docstrings and comments are not searched, and
        where there are several such places, all must lead to the same target.
        """
        match = re.fullmatch(r"(?:(\d+): )?(.*?)\[\[(\w+)\]\](.*)", place)
        assert match, f"no name in double brackets: {place}"
        number, before, name, after = match.groups()
        places = [
            (line, found.start() + len(before))
            for line, text in enumerate(self.code[module], 1)
            for found in re.finditer(re.escape(before + name + after), text)
            if not number or line == int(number)
        ]
        assert places, f"{place!r} stands nowhere in {module}"
        links = {(k.line, k.start, k.end): k.title for k in self.names.links(module)}
        targets = {links.get((line, start, start + len(name))) for line, start in places}
        assert len(targets) == 1, f"{place!r} leads to {targets}"
        return targets.pop()


def module_pages(root: Path, files: Iterable[Path]) -> list[SourcePage]:
    """A page for each file, named as it is imported from `root`."""
    pages = []
    for file in files:
        parts = file.relative_to(root).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        pages.append(SourcePage(".".join(parts), file, "/".join(parts) + "/"))
    return pages


@pytest.fixture
def sources(tmp_path: Path) -> Callable[..., Sources]:
    """Make `Sources` of a dictionary of files, or of the text of one module called `m`."""

    def make(files: dict[str, str] | str, inventory: Path | None = None) -> Sources:
        files = {"m.py": files} if isinstance(files, str) else files
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(dedent(text).strip("\n") + "\n", encoding="utf-8")
        return Sources(module_pages(tmp_path, [tmp_path / name for name in files]), inventory)

    return make


@pytest.fixture(scope="session")
def sources_of() -> Callable[[str], Sources]:
    """Make `Sources` of an installed package; made once."""

    @cache
    def make(package: str) -> Sources:
        spec = importlib.util.find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        root = Path(spec.origin).parent
        # As on the site: what compiles the step has no page.
        files = sorted(path for path in root.rglob("*.py") if path.parent.name != "engine")
        return Sources(module_pages(root.parent, files), TORCH_NAMES)

    return make
