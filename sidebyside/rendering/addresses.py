"""
# Which files become pages, and where links lead

Authors write links as in an editor: to the path of a source file, relative to the file the link
stands in. `[Adam](adam.py#Adam.get_mv)` works on a code host and leads to the right page here.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

MOVE = "give its `path:` a folder of its own with `to:`, or leave the file out with `exclude:`"


@dataclass(frozen=True)
class SourceFile:
    """
    A file that has a page.

    `name` is its path as errors and pages show it, relative to the project; `page` is where MkDocs
    would find its Markdown, relative to the folder of documents; `module` is the dotted name under
    which Python would import it. `strict` tells that its formulas are written for this renderer and
    have to parse, `html` that the HTML in its prose is trusted. `report` is the file with the
    verdicts on its formulas, relative to the project. `root` is the folder whose pictures it may
    show, and `to` the folder of their pages.
    """

    path: Path
    name: str
    page: str
    module: str
    strict: bool
    report: str = ""
    html: bool = False
    root: Path = Path()
    to: str = ""


def find_sources(
    project: Path,
    path: str,
    to: str = "",
    include: Sequence[str] = ("*.py",),
    exclude: Sequence[str] = (),
    strict: bool = True,
    report: str = "",
    html: bool = False,
    documents: str = "docs",
) -> list[SourceFile]:
    """
    The files of one package (or the one file) at `path`, in the order of the `include` patterns.

    Patterns are relative to the package; `*.py` matches in all of its folders. Hidden files are
    nobody's source. The page of an `__init__.py` is the index of its folder, unless `documents`,
    the folder of documents, has one there: then it has the name of the package.
    """
    if (
        PurePosixPath(to).is_absolute()
        or PureWindowsPath(to).anchor
        or ".." in re.split(r"[/\\]", to)
    ):
        raise ValueError(f"sources: `to: {to}` leads out of the site; name a folder in it")
    root = project / path
    files = sorted(_python_files(root)) if root.is_dir() else [root]
    if not files or not (root.is_dir() or root.is_file()):
        raise ValueError(
            f"sources: there is no Python file at {path!r}; `path:` is relative to mkdocs.yml"
        )
    base = root if root.is_dir() else root.parent
    found: dict[Path, None] = {}
    for pattern in include:
        matches = [file for file in files if _matches(file.relative_to(base), [pattern])]
        if not matches:
            raise ValueError(
                f"sources: nothing in {path!r} matches {pattern!r}; correct `include:`"
            )
        found |= dict.fromkeys(matches)
    chosen = [file for file in found if not _matches(file.relative_to(base), exclude)]
    return [
        SourceFile(
            path=file,
            name=Path(os.path.relpath(file, project)).as_posix(),
            page=_page(file.relative_to(base), to, project / documents, root.resolve().name),
            module=_module(file, base),
            strict=strict,
            report=report,
            html=html,
            root=base,
            to=to,
        )
        for file in chosen
    ]


def _matches(path: PurePath, patterns: Iterable[str]) -> bool:
    return any(path.match(pattern) for pattern in patterns)


def _python_files(root: Path) -> Iterator[Path]:
    """All Python files, dangling links among them, so that they are reported."""
    for file in root.rglob("*.py"):
        hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
        if not hidden and not file.is_dir():
            yield file


def _page(path: PurePath, to: str, documents: Path, package: str) -> str:
    path = path.with_name("index.md") if path.stem == "__init__" else path.with_suffix(".md")
    page = posixpath.join(to, path.as_posix())
    if path.name == "index.md" and (documents / page).is_file():
        return posixpath.join(posixpath.dirname(page), f"{path.parent.name or package}.md")
    return page


def _module(file: Path, base: Path) -> str:
    """The name in its package; a file of no package is named by its place below `base`."""
    folders = list(file.relative_to(base).parent.parts)
    around = file.resolve().parent
    if (around / "__init__.py").is_file():
        folders = []
        while (around / "__init__.py").is_file():
            folders.insert(0, around.name)
            around = around.parent
    return ".".join(folders if file.stem == "__init__" else [*folders, file.stem])


class Addresses:
    """Where links between source files, and between them and hand-written documents, lead."""

    def __init__(self, sources: Iterable[SourceFile], documents: str) -> None:
        self.sources = list(sources)
        self.documents = documents.rstrip("/") + "/"
        self.pages = {source.name: source.page for source in self.sources}
        _refuse_twins(
            ((s.page, s.name) for s in self.sources), f"both become the page {{!r}}; {MOVE}"
        )
        remedy = "name the folder around both as one `path:`, or leave one out with `exclude:`"
        _refuse_twins(
            ((s.module, s.name) for s in self.sources),
            f"both be the Python module {{!r}}; {remedy}",
        )

    def resolve(self, url: str, name: str, page: str) -> str:
        """A link as it stands in the file `name`, as MkDocs understands it on `page`."""
        scheme, host, path, query, anchor = urlsplit(url)
        if scheme or host or not path or path.startswith("/"):
            return url
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(path)))
        found = self._page_of(target)
        if found is None:
            return url
        relative = posixpath.relpath(found, posixpath.dirname(page) or ".")
        return urlunsplit(("", "", quote(relative), query, anchor))

    def _page_of(self, target: str) -> str | None:
        if target.startswith(self.documents):
            return target.removeprefix(self.documents)
        if target in self.pages:
            return self.pages[target]
        # Annotated sources of others link to pages of a generator that names them `adam.html`.
        stem = target.removesuffix(".html")
        package = posixpath.join(posixpath.dirname(stem), "__init__")
        names = [stem, package] if posixpath.basename(stem) == "index" else [stem]
        pages = (self.pages.get(f"{name}.py") for name in names if target.endswith(".html"))
        return next((page for page in pages if page), None)


def _refuse_twins(values: Iterable[tuple[str, str]], both: str) -> None:
    first: dict[str, str] = {}
    wrong = []
    for value, name in values:
        if value in first:
            wrong.append(f"sources: {first[value]} and {name} would {both.format(value)}")
        first[value] = name
    if wrong:
        raise ValueError("\n".join(wrong))


def expand_nav(nav: Any, pages: Sequence[str]) -> Any:
    """
    A navigation in which `folder/` stands for the pages of source files in that folder.

    Those that it names elsewhere stand there only, so `./` stands for all the others.
    """
    named = set(_named(nav))

    def expanded(entry: Any) -> Any:
        match entry:
            case dict():
                return {title: expanded(below) for title, below in entry.items()}
            case list():
                return [page for each in entry for page in several(each)]
            case str() if entry.endswith("/"):
                inside = [page for page in pages if page.startswith(entry.removeprefix("./"))]
                return [page for page in inside if page not in named] if inside else entry
        return entry

    def several(entry: Any) -> list[Any]:
        found = expanded(entry)
        return found if isinstance(entry, str) and isinstance(found, list) else [found]

    return expanded(nav)


def _named(nav: Any) -> Iterator[str]:
    """What a navigation names."""
    if isinstance(nav, str):
        yield nav
    else:
        for each in nav.values() if isinstance(nav, dict) else nav or ():
            yield from _named(each)
