"""
# Building the site once more in each language

MkDocs builds one site from one configuration. So the same configuration is loaded again for each
language, builds into a folder of the site that is on its way, and is accepted with it.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator
from html import escape, unescape
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.nav import Navigation
from mkdocs.theme import Theme

from sidebyside.translating.catalogs import CatalogError
from sidebyside.translating.editions import Edition, Original, Say
from sidebyside.translating.labels import PACKAGE, own_files, read_labels
from sidebyside.translating.rules import faults
from sidebyside.translating.shelf import SITE, Language, Shelf

if TYPE_CHECKING:
    from sidebyside.mkdocs.plugin import SideBySidePlugin

_log = get_plugin_logger("sidebyside")


def read_editions(shelf: Shelf, original: Original, *, lenient: bool) -> list[Edition]:
    """
    Read the catalogs of all languages, and look for faults.

    Raise `ValueError` with all of them; with `lenient`, report them and let English stand there.
    """
    problems: list[str] = []
    editions = [_edition(shelf, language, original, problems) for language in shelf.languages]
    if problems and not lenient:
        raise ValueError("\n".join(problems))
    for problem in problems:
        _log.info(f"{problem}\n    shown: English")  # a warning would end `mkdocs serve --strict`
    return editions


def _edition(shelf: Shelf, language: Language, original: Original, problems: list[str]) -> Edition:
    catalogs, refused = {}, set()
    standards = shelf.standards(language)
    for page in [SITE, *shelf.pages()]:
        try:
            catalog = catalogs[page] = shelf.read(language, page)
        except CatalogError as error:
            problems.append(str(error))
            continue
        for fault in faults(catalog, standards):
            problems.append(str(fault))
            refused.add((page, fault.text))
    return Edition(language, catalogs, original, refused)


def build_edition(config: MkDocsConfig, plugin: SideBySidePlugin, edition: Edition) -> None:
    """Build the site in one language, into the folder of the site that `config` builds."""
    code = edition.language.code
    with plugin.translating(edition):
        translated = load_config(
            config.config_file_path,
            site_dir=str(Path(config.site_dir, code)),
            site_url=urljoin(config.site_url, f"{code}/") if config.site_url else None,
            strict=config.strict,
            use_directory_urls=config.use_directory_urls,
        )
        build(translated)


def speak(config: MkDocsConfig, language: Language) -> None:
    """Have the theme use its own labels in this language, if it has any."""
    folders = [Path(folder, "partials", "languages") for folder in config.theme.dirs]
    for tag in (language.tag, language.code):
        if any((folder / f"{tag}.html").is_file() for folder in folders):
            config.theme["language"] = tag
            return


def toggles(theme: Theme) -> Iterator[dict[str, Any]]:
    """The buttons of the theme that change colors."""
    palette = theme.get("palette") or []
    for each in palette if isinstance(palette, list) else [palette]:
        if "name" in each.get("toggle", {}):
            yield each["toggle"]


def deferred(path: str) -> ExtraScriptValue:
    """A script that waits for the page."""
    script = ExtraScriptValue(path)
    script.defer = True
    return script


def program_files(config: MkDocsConfig) -> Iterator[Path]:
    """Where a project has labels: in its hooks and what they import, its templates, its scripts."""
    hooks: Any = config.hooks
    modules = hooks.values() if isinstance(hooks, dict) else hooks
    yield from _imported(modules, Path(config.config_file_path).resolve().parent)
    if config.theme.custom_dir:
        yield from sorted(Path(config.theme.custom_dir).rglob("*.html"))
    yield from script_files(config)


def _imported(modules: Iterable[ModuleType], project: Path) -> Iterator[Path]:
    """The files of these modules, and of those of the project that they import."""
    found: dict[Path, None] = {}
    waiting = list(modules)
    while waiting:
        module = waiting.pop(0)
        file = Path(getattr(module, "__file__", None) or "/").resolve()
        ours = file.is_relative_to(project) and "site-packages" not in file.parts
        if ours and file not in found and not file.is_relative_to(PACKAGE):
            found[file] = None
            waiting += filter(None, map(inspect.getmodule, list(vars(module).values())))
    yield from found


def script_files(config: MkDocsConfig) -> Iterator[Path]:
    """The scripts of a project: those that its pages name, and beside them what those load."""
    paths = (Path(config.docs_dir, str(script)) for script in config.extra_javascript)
    folders = {path.parent for path in paths if path.is_file()}
    yield from (path for folder in sorted(folders) for path in sorted(folder.glob("*.js")))


def script_labels(config: MkDocsConfig, say: Say) -> str:
    """A script with the labels that other scripts say."""
    scripts = [file for file in own_files() if file.suffix == ".js"]
    found = read_labels([*scripts, *script_files(config)])
    labels = {label.text: say(label.text) for label in found}
    return f"window.sidebysideLabels={json.dumps(labels, ensure_ascii=False)};\n"


_CODE_TITLE = re.compile(r'(?<=<span class="filename">)[^<]* [^<]*(?=</span>)')


def entitle_code(html: str, title: Callable[[str], str]) -> str:
    """Change the titles of blocks of code, but for names of files, which have no spaces."""
    return _CODE_TITLE.sub(lambda found: escape(title(unescape(found[0])), quote=False), html)


def sections(nav: Navigation) -> Iterator[tuple[str, list[str]]]:
    """The parts of the navigation: their titles, and the names of the pages below them."""
    for part in nav.items:
        below = [page for page in nav.pages if part in page.ancestors]
        if below and part.title:
            yield part.title, [page.file.src_uri.removesuffix(".md") for page in below]


def entitle(items: Iterable[Any], title: Callable[[str], str]) -> None:
    """Change the titles of sections and pages."""
    for item in items:
        if item.title:
            item.title = title(str(item.title))
        entitle(item.children or (), title)
