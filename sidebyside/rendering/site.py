"""
# All pages of a site

The source files of a site are read together, since names in one of them lead to others.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from contextlib import suppress
from copy import copy
from dataclasses import replace
from functools import partial
from pathlib import Path

from sidebyside.rendering.addresses import SourceFile
from sidebyside.rendering.code import highlight
from sidebyside.rendering.excerpt import excerpt
from sidebyside.rendering.handwritten import Handwritten, read_handwritten
from sidebyside.rendering.hierarchy import hierarchy_svg
from sidebyside.rendering.math import Renderer, Typesetter
from sidebyside.rendering.names import TORCH_NAMES, Names, Relations, SourcePage, relative_url
from sidebyside.rendering.notes import Notes
from sidebyside.rendering.page import Document, Surroundings, compose
from sidebyside.rendering.pieces import Pieces
from sidebyside.rendering.prose_text import ProseWriter
from sidebyside.rendering.recorded import Verdicts
from sidebyside.rendering.symbols import spots
from sidebyside.source.defining import defining_rows
from sidebyside.source.notation import Notation
from sidebyside.source.notation_reading import read_notation
from sidebyside.source.reading import Errors, SourceError
from sidebyside.source.sections import Module, parse_source, unread_source
from sidebyside.translating.editions import Edition, Original


class Site:
    """
    The pages of some source files.

    `urls` tells the address of each page on the site; `source_url` is a template with `{path}` and
    `{line}`, or empty when the source is not online. `inventory` lists names that are documented
    elsewhere. `verdicts` tells what became of the formulas, and `explanation` is the address of the
    page that explains it.
    """

    def __init__(
        self,
        sources: Iterable[SourceFile],
        urls: Mapping[str, str],
        renderer: Renderer,
        source_url: str = "",
        inventory: Path = TORCH_NAMES,
        verdicts: Verdicts | None = None,
        explanation: str | None = None,
    ) -> None:
        self._sources = {source.page: source for source in sources}
        self._modules: dict[str, tuple[SourceFile, Module]] = {}
        self._unread: dict[str, SourceError] = {}
        for page, source in self._sources.items():
            try:
                self._modules[page] = source, _read(source)
            except SourceError as error:
                self._unread[page] = error
        self._edition: Original | Edition = Original()
        self._renderer = renderer
        self._source_url = source_url
        self._urls = urls
        self._verdicts = verdicts or Verdicts()
        self._explanation = explanation
        # Lists in the sources of others were not written to be read by a machine.
        ours = [module for source, module in self._modules.values() if source.strict]
        self._notation, self._errors = Notation(()), Errors()
        with self._errors.kept():
            self._notation = read_notation(ours)
            defined = defining_rows(ours, self._notation)
            self._notation = replace(self._notation, meanings=(*self._notation.meanings, *defined))
        pages = [
            SourcePage(source.module, source.path, urls[source.page], module)
            for source, module in self._modules.values()
        ]
        with warnings.catch_warnings():
            # `\beta` in docstrings of others that are not raw; the packages are read, not run.
            warnings.simplefilter("ignore")
            self._names = Names(pages, inventory)

    def translated(self, edition: Original | Edition) -> Site:
        """The same pages in an edition."""
        site = copy(self)
        site._edition = edition
        return site

    def handwritten(self, name: str, url: str, markdown: str, text: str) -> Handwritten:
        """A document in the file `name`, shown at `url`; see `read_handwritten`."""
        typesetter = Typesetter(self._renderer, name, self._notes(name, url))
        diagram = partial(self._diagram, url)
        rows = partial(self._rows, url)
        return read_handwritten(markdown, text, typesetter, diagram, rows)

    def _rows(self, url: str, page: str, definition: str, count: int, pieces: Pieces) -> str:
        if page not in self._modules:
            raise ValueError(f"rows: {page} is not the page of a source file")
        source, module = self._modules[page]
        notes = self._notes(source.name, self._urls[page])
        typesetter = Typesetter(self._renderer, source.name, notes, pieces)
        writer = ProseWriter(typesetter, source.strict)
        code = self._code(source, module)
        return excerpt(module, definition, count, writer, code, (self._urls[page], url))

    def _diagram(self, url: str, package: str) -> str:
        # Its own modules; a package inside it is another one.
        modules = [m for m in self._names.modules if package in (m, m.rpartition(".")[0])]
        return hierarchy_svg(self._names, url, modules if package else None, say=self._edition.say)

    def _code(self, source: SourceFile, module: Module) -> dict[int, str]:
        found = spots(module, self._notation) if source.strict else []
        return highlight(module, self._names.links(source.module), found)

    def _notes(self, name: str, url: str) -> Notes:
        explanation = self._explanation
        link = "" if explanation is None else relative_url(explanation, url)
        return Notes(name, self._verdicts, self._notation, link, self._edition)

    def stop(self) -> None:
        """Raise what was wrong with the notation of all sources together."""
        self._errors.stop()

    def document(self, page: str) -> Document:
        """The page of a source file; raise `SourceError` for all that is wrong with it."""
        if page in self._unread:
            raise self._unread[page]
        source, module = self._modules[page]
        notes = self._notes(source.name, self._urls[page])
        typesetter = Typesetter(self._renderer, source.name, notes)
        writer = ProseWriter(typesetter, source.strict, source.html, self._edition.say)
        around = Surroundings(
            code=self._code(source, module),
            source_url=lambda line: self._source_url.format(path=source.name, line=line),
            relations=lambda name: self._names.relations(f"{source.module}.{name}"),
            summary=notes.summary(source.name),
            say=self._edition.say,
        )
        return compose(module, writer, around)

    def excuse(self, page: str, error: SourceError) -> Document:
        """The page of a source file that could not be made: it says why, and shows the file."""
        source = self._sources[page]
        text = ""
        with suppress(OSError):
            text = source.path.read_bytes().decode(errors="replace")
        module = unread_source(source.name, text.replace("\r\n", "\n"), str(error))
        writer = ProseWriter(Typesetter(self._renderer, source.name), strict=False)
        around = Surroundings(
            highlight(module),
            lambda line: self._source_url.format(path=source.name, line=line),
            lambda _: Relations(),
        )
        return compose(module, writer, around)


def _read(source: SourceFile) -> Module:
    try:
        return parse_source(Path(source.name), source.path.read_bytes())
    except OSError as error:
        reason = f"cannot be read: {error.strerror}; if it is not needed, name it in `exclude:`"
        raise SourceError(source.name, 1, reason) from error
