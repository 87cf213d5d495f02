"""
# The MkDocs plugin

Options and hooks, nothing clever. Pages are made in `rendering`; this module hands them to MkDocs.
"""

from __future__ import annotations

import gc
import os
import posixpath
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import copy
from functools import partial
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment
from markupsafe import Markup
from markupsafe import escape as escape_html
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext

from sidebyside.mkdocs.failing import Failures
from sidebyside.mkdocs.link_reports import LinkReports
from sidebyside.mkdocs.options import Options, SourceOptions, checked_sources
from sidebyside.mkdocs.pictures import PictureError, Pictures
from sidebyside.mkdocs.staging import Staging
from sidebyside.rendering.addresses import MOVE, Addresses, SourceFile, expand_nav, find_sources
from sidebyside.rendering.assets import (
    CLASSES,
    ENGLISH,
    FONTS,
    LABELS,
    SCRIPT,
    STYLESHEETS,
    asset_files,
    without_unused,
)
from sidebyside.rendering.fonts import cut_fonts, cut_sizes
from sidebyside.rendering.handwritten import Handwritten
from sidebyside.rendering.katex import Katex
from sidebyside.rendering.page import Document
from sidebyside.rendering.pieces import MISSING, Pieces, PiecesExtension, Shown
from sidebyside.rendering.policy import Policy
from sidebyside.rendering.recorded import read_verdicts
from sidebyside.rendering.site import Site
from sidebyside.source.reading import SourceError
from sidebyside.translating.building import (
    build_edition,
    deferred,
    entitle,
    entitle_code,
    read_editions,
    script_labels,
    sections,
    speak,
    toggles,
)
from sidebyside.translating.cutting import Cutter
from sidebyside.translating.editions import Edition, Original, Say
from sidebyside.translating.linking import addresses, mapped
from sidebyside.translating.messages import Message, says_something
from sidebyside.translating.shelf import SITE
from sidebyside.translating.telling import in_language, tagged

_log = get_plugin_logger("sidebyside")
LENIENT = (
    "Sources that were not written for this? Say `strict: false` beside their `path:` in"
    " mkdocs.yml; what does not parse is then shown as text."
)

NO_PATH = (
    "sources: an entry without `path:` is what pyproject.toml checks, and that has no "
    "[tool.sidebyside.check] with `sources`; name a folder or a file"
)

# Code in lists and notes, as other people's docstrings have it.
FENCES = "pymdownx.superfences"


class SideBySidePlugin(BasePlugin[Options]):  # type: ignore[no-untyped-call]
    """Pages of annotated source in a MkDocs site."""

    edition: Original | Edition

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Once per command: what outlives a single build of `mkdocs serve`."""
        self._writing = command == "serve"  # a stale report must not stand in the way
        self._dirty = dirty  # writes only what changed, so it has to write into the last site
        self._open = ExitStack()
        self._katex = self._open.enter_context(Katex())  # keeps what it typeset before
        self._reports = self._open.enter_context(LinkReports())
        self._staging: Staging | None = None
        self._failures = Failures()
        self._succeeded = False
        self.edition = Original()

    @contextmanager
    def translating(self, edition: Edition) -> Iterator[None]:
        """
        Build the same sources once more, in another language.

        MkDocs hands out one plugin for all configurations that a process loads.
        """
        original = dict(vars(self))
        self.edition = edition
        try:
            yield
        finally:
            vars(self).update(original)

    @property
    def say(self) -> Say:
        """Says a label in the language of the edition; for hooks and templates, too."""
        return self.edition.say

    def translated(self, page: str, text: str, kind: str) -> str:
        """What stands in the place of a text that is not in the Markdown of a page."""
        if not says_something(text, self.edition.names):
            return text
        return self.edition.translate(page, Message(text, kind, place=page)) or text

    @event_priority(-100)  # when all pages are read
    def on_env(self, env: Environment, **_: Any) -> Environment:
        """Stop, if anything is wrong. Else see to titles: themes print what `striptags` leaves."""
        self._failures.stop()
        env.globals["say"] = self.say
        env.globals["editions"] = lambda page: addresses(self.config, self.edition, page)
        env.filters["striptags"] = lambda value: escape_html(Markup(value).striptags())
        return env

    def _stage(self, config: MkDocsConfig) -> None:
        """Find a place to build in. `mkdocs serve` comes here again with each change."""
        if self._staging:
            self._staging.discard()
        self._staging = None if self._dirty else Staging.beside(Path(config.site_dir))
        if self._staging:
            config.site_dir = str(self._staging.folder)
            self._config = config

    @event_priority(100)  # before other plugins take note of `site_dir`
    def on_config(self, config: MkDocsConfig) -> None:
        """Build beside the last site, extend Markdown, find the sources."""
        gc.unfreeze()  # what the last build of `mkdocs serve` read
        self._succeeded = False
        self._failures, self._policy = Failures(), Policy(CLASSES)
        project = Path(config.config_file_path).resolve().parent
        if isinstance(self.edition, Original):
            self._read(config, project)
        else:
            speak(config, self.edition.language)
            config.extra_javascript += [deferred(LABELS), deferred(ENGLISH)]
        self._markdown, self._cutter = PiecesExtension(), Cutter(self.edition)
        if FENCES not in config.markdown_extensions:
            config.markdown_extensions.append(FENCES)
        config.markdown_extensions += [self._markdown, self._cutter]  # type: ignore[list-item]
        config.extra_css[:0] = STYLESHEETS  # first, so that the site's own styles win
        config.extra_javascript.append(deferred(SCRIPT))

    def _read(self, config: MkDocsConfig, project: Path) -> None:
        """Find a place to build in, the sources, and the translations."""
        self._documents = Path(os.path.relpath(config.docs_dir, project)).as_posix()
        with self._failures.kept():
            _refuse_sources_in(Path(config.site_dir), project, config.docs_dir)
            self._stage(config)
        self._failures.stop()
        with self._failures.kept():
            self.shelf = self.config.shelf(project)
            self.edition = Original(self.shelf.names())
            self._editions = read_editions(self.shelf, self.edition, lenient=self._writing)
        self._katex.start = project
        self._name_sources(project)
        sources = list(self._find_sources(project))
        with self._failures.kept():
            self._addresses = Addresses(sources, self._documents)
        self._failures.stop()
        self._verdicts = read_verdicts(project, sources)
        if self._writing and (warning := self._verdicts.warning):
            _log.info(warning)  # a warning would end `mkdocs serve --strict`
        for problem in () if self._writing else self._verdicts.problems:
            self._failures.add(problem)
        for entry in self.config.sources:
            config.watch += [str(project / path) for path in (entry.path, entry.report) if path]
        if self.shelf.folder.is_dir():
            config.watch.append(str(self.shelf.folder))

    def _find_sources(self, project: Path) -> Iterator[SourceFile]:
        for entry in self.config.sources:
            with self._failures.kept():
                yield from find_sources(project, documents=self._documents, **entry)

    def _name_sources(self, project: Path) -> None:
        """Take from `pyproject.toml` which sources are checked, and where the verdicts are."""
        checked: dict[str, str] = {}
        with self._failures.kept():
            checked = checked_sources(project)
        named: list[SourceOptions] = []
        for entry in self.config.sources:
            for path in [entry.path] if entry.path else checked:
                report = entry.report or checked.get(posixpath.normpath(path), "")
                each = copy(entry)
                each.update(path=path, report=report)
                named.append(each)
            if not entry.path and not checked:
                self._failures.add(NO_PATH)
        self.config.sources = named

    def on_files(self, files: Files, *, config: MkDocsConfig) -> None:
        """Add a page for each source file, and what pages need."""
        sources = self._addresses.sources
        self._pictures = Pictures(files, config)
        pages = {source.page: File.generated(config, source.page, content="") for source in sources}
        urls = {page: file.url for page, file in pages.items()}
        failures = Failures()  # without these, nothing can go on
        with failures.kept():
            if isinstance(self.edition, Original):
                options, inventory = self.config, Path(self.config.inventory)
                more = (options.source_url, inventory, self._verdicts, options.address(files))
                self._site = Site(sources, urls, self._katex, *more)
            self._site = self._site.translated(self.edition)
            self._drafts: dict[str, Document | Handwritten] = {
                source.page: self._draft(source) for source in sources
            }
        gc.freeze()  # what was read is kept to the end: no use in looking at it again and again
        for source in sources:
            if files.get_file_from_path(source.page):
                failures.add(
                    f"sources: {source.page!r} is both a source file and a document; {MOVE}"
                )
        failures.stop()
        with self._failures.kept():
            self._site.stop()
        for page, file in pages.items():
            file.content_string = self._drafts[page].markdown
            files.append(file)
        for path, content in asset_files(self._katex).items():
            files.append(File.generated(config, path, content=content))
        if isinstance(self.edition, Edition):
            files.append(File.generated(config, LABELS, content=script_labels(config, self.say)))
        config.nav = expand_nav(config.nav, list(pages))

    def _draft(self, source: SourceFile) -> Document:
        """The page of a source; where it cannot be made, one that says why."""
        try:
            return self._site.document(source.page)
        except SourceError as error:
            if source.strict:
                self._failures.add(str(error), LENIENT if not source.report else "")
            elif isinstance(self.edition, Original):  # once, not in each language
                _log.warning(f"{error}; until then, its page only shows the file")
            return self._site.excuse(source.page, error)

    @event_priority(-100)  # after hooks that know pages by their titles
    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, **_: Any) -> None:
        """The titles of the navigation, and what else the configuration says to readers."""
        if config.site_description:
            said = self.translated(SITE, config.site_description, "description of the site")
            config.site_description = said
        if config.copyright:
            config.copyright = self.translated(SITE, config.copyright, "below each page")
        for toggle in toggles(config.theme):
            toggle["name"] = self.translated(SITE, toggle["name"], "label")
        entitle(nav.items, lambda title: self.translated(SITE, title, "title in the navigation"))
        if isinstance(self.edition, Edition):
            self.edition.sections = list(sections(nav))

    @event_priority(-50)  # after hooks that write Markdown
    def on_page_markdown(self, markdown: str, *, page: Page, **_: Any) -> str:
        """Take up a page: its formulas and its links."""
        uri = page.file.src_uri
        if uri not in self._drafts:
            name, text = posixpath.join(self._documents, uri), page.file.content_string
            with self._failures.kept():
                self._drafts[uri] = self._site.handwritten(name, page.url, markdown, text)
            if uri not in self._drafts:  # the build goes on only to find what else is wrong
                lines = text.split("\n")
                self._drafts[uri] = Handwritten(name, lines, markdown, Pieces(), frozenset())
        draft = self._drafts[uri]
        resolve = self._reports.add_page(uri, draft.name, draft.lines, self._addresses)
        source = next((each for each in self._addresses.sources if each.page == uri), None)
        show = partial(self._show, source, draft, resolve) if source else None
        self._markdown.open_page(draft.pieces, resolve, draft.html, show)
        name = uri.removesuffix(".md")
        for key in [key for key in ("title", "description") if page.meta.get(key)]:
            page.meta[key] = self.translated(name, str(page.meta[key]), key)
        is_source = isinstance(draft, Document)
        self._cutter.open_page(name, draft.pieces, draft.lines, draft.name, is_source)
        return draft.markdown

    def _show(
        self,
        source: SourceFile,
        draft: Document | Handwritten,
        resolve: Callable[[str], str],
        url: str,
    ) -> Shown:
        """A picture in a source: one beside it, or one among the documents."""
        resolved = resolve(url)
        if resolved != url or urlsplit(url).netloc or urlsplit(url).scheme or url.startswith("/"):
            return Shown(resolved)
        try:
            picture = self._pictures.find(url, source)
        except PictureError as error:
            if source.strict:
                picture_at = re.compile(rf"(?:\]\(|src\s*=\s*[\"']?|:: *){re.escape(url)}")
                lines = enumerate(draft.lines, 1)
                line = next((n for n, text in lines if picture_at.search(text)), 1)
                self._failures.add(f"{source.name}:{line}: {error}")
            return Shown(url, instead=self.say(MISSING, path=url))
        return Shown(picture.url, picture.size)

    def on_page_content(self, html: str, *, page: Page, **_: Any) -> str:
        """Hand over prose and code as plain text: this is what search reads."""
        draft = self._drafts[page.file.src_uri]
        page.present_anchor_ids = {*(page.present_anchor_ids or ()), *draft.anchors}
        name = page.file.src_uri.removesuffix(".md")
        html = entitle_code(html, lambda title: self.translated(name, title, "title of code"))
        with self._failures.kept():
            html = draft.flow(html)
        if description := draft.describe(html):
            page.meta.setdefault("description", escape(description))  # themes print it as it is
        return html

    @event_priority(-100)  # after search
    def on_page_context(self, context: TemplateContext, *, page: Page, **_: Any) -> None:
        """Set the page: rows, highlighted code, typeset formulas."""
        page.content = self._drafts[page.file.src_uri].lay_out(page.content or "")

    @event_priority(-100)  # when all others have put in what they want
    def on_post_page(self, output: str, *, page: Page, **_: Any) -> str:
        """A page says which language it is in, and what of it is not."""
        if isinstance(self.edition, Edition):
            output = in_language(output, page, self.edition, self.config)
        return self._policy.apply(without_unused(output))

    def on_template_context(
        self, context: TemplateContext, *, config: MkDocsConfig, **_: Any
    ) -> TemplateContext:
        """Pages that are served from any address, such as 404, know where their language is."""
        if self.edition.language and not config.site_url:
            context["base_url"] = f"/{self.edition.language.code}"
        return context

    @event_priority(-100)
    def on_post_template(
        self, output_content: str, *, template_name: str, config: MkDocsConfig, **_: Any
    ) -> str:
        """Pages that belong to none know their language, and the map of the site all languages."""
        if template_name == "sitemap.xml" and self.config.languages and config.site_url:
            return mapped(output_content, config.site_url, self.config, self.edition)
        output = tagged(output_content, self.edition)
        return self._policy.apply(output) if template_name.endswith(".html") else output

    @event_priority(-100)  # after all that write into the site
    def on_post_build(self, *, config: MkDocsConfig, **_: Any) -> None:
        """Cut the fonts: all formulas are known. Then build the site in all other languages."""
        self._policy.write(Path(config.site_dir))
        cut_fonts(Path(config.site_dir) / FONTS, self._katex.characters())
        cut_sizes(Path(config.site_dir) / STYLESHEETS[0], self._katex.sizes())
        for edition in self._editions if isinstance(self.edition, Original) else ():
            build_edition(config, self, edition)
        self._succeeded = True

    def on_build_error(self, *, error: Exception, **_: Any) -> None:
        """The last site stays."""
        self._succeeded = False
        if isinstance(error, OSError):  # such as a full disk, which is nobody's mistake
            raise Abort(f"the site could not be built: {error}; the last one stays") from error

    def on_shutdown(self) -> None:
        """Put the new site in its place, or remove what was built of it."""
        self._open.close()
        if self._staging:
            self._config.site_dir = str(self._staging.site)  # from where `gh-deploy` takes it
        if self._staging and self._succeeded and sys.exc_info()[0] is None:
            try:
                self._staging.accept()
            except OSError as error:
                raise Abort(f"the site could not be put in its place: {error}") from error
        elif self._staging:
            self._staging.discard()


def _refuse_sources_in(site: Path, project: Path, documents: str) -> None:
    """The site replaces all that is in its folder."""
    for kept in (project, Path(documents).resolve()):
        if kept.is_relative_to(site.resolve()):
            raise ValueError(
                f"site_dir: {str(site)!r} holds {str(kept)!r}; build into a folder of its own"
            )
