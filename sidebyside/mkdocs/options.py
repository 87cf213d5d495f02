"""
# What `mkdocs.yml` may say

Each option has a type, and what does not fit is refused before anything is built.
"""

from __future__ import annotations

import os
import posixpath
import string
import sys
from pathlib import Path

from mkdocs.config import config_options as c
from mkdocs.config.base import Config, ValidationError
from mkdocs.structure.files import Files

from sidebyside.rendering.names import TORCH_NAMES
from sidebyside.translating.shelf import Language, Shelf

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class Template(c.Type[str]):
    """Text with fields such as `{path}`: the first one is needed, the others may be left out."""

    def __init__(self, *fields: str, default: str) -> None:
        super().__init__(str, default=default)
        self.fields = fields

    def run_validation(self, value: object) -> str:
        """Refuse fields that nothing can fill in."""
        text = super().run_validation(value)
        try:
            found = {field for _, field, _, _ in string.Formatter().parse(text)} - {None}
        except ValueError as error:
            raise ValidationError(f"{text!r} is no template: {error}") from error
        if text and self.fields[0] not in found:
            raise ValidationError(f"{text!r} lacks {{{self.fields[0]}}}")
        if unknown := sorted(map(str, found.difference(self.fields))):
            known = ", ".join(f"{{{field}}}" for field in self.fields)
            raise ValidationError(f"{text!r} has {{{unknown[0]}}}; there are {known}")
        return text


class SourceOptions(Config):  # type: ignore[no-untyped-call]
    """
    One entry of `sources`: a package or a file, where its pages go, and who checked it.

    Without a `path`, it is what `pyproject.toml` names as the sources to check.
    """

    path = c.Type(str, default="")
    to = c.Type(str, default="")
    include = c.ListOfItems(c.Type(str), default=["*.py"])
    exclude = c.ListOfItems(c.Type(str), default=[])
    strict = c.Type(bool, default=True)
    html = c.Type(bool, default=False)
    report = c.Type(str, default="")


class LanguageOptions(Config):  # type: ignore[no-untyped-call]
    """One entry of `languages`: its folder, its name in itself, and its tag if that is another."""

    code = c.Type(str)
    name = c.Type(str)
    tag = c.Type(str, default="")


class Options(Config):  # type: ignore[no-untyped-call]
    """What stands below `sidebyside:`."""

    sources = c.ListOfItems(c.SubConfig(SourceOptions))
    source_url = Template("path", "line", default="")
    explanation = c.Type(str, default="")
    language = c.Type(str, default="English")
    languages = c.ListOfItems(c.SubConfig(LanguageOptions), default=[])
    translations = c.Type(str, default="docs/translations")
    inventory = c.File(exists=True, default=str(TORCH_NAMES))

    def shelf(self, project: Path) -> Shelf:
        """The translations, and the languages they are in."""
        return Shelf(
            Path(os.path.relpath(project / self.translations)),
            [Language(each.code, each.name, each.tag or each.code) for each in self.languages],
        )

    def address(self, files: Files) -> str | None:
        """The address of the page with the explanation, if there is to be one."""
        if not self.explanation:
            return None
        if file := files.get_file_from_path(self.explanation):
            return file.url
        raise ValueError(f"explanation: there is no document {self.explanation!r}")


def checked_sources(project: Path) -> dict[str, str]:
    """
    What `[tool.sidebyside.check]` in a project's `pyproject.toml` names: sources, and the report.

    So `mkdocs.yml` need name neither again. What else is wrong with that table, the checker says.
    """
    file = project / "pyproject.toml"
    try:
        tool = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {})
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ValueError(f"{file.name}: {error}") from error
    match tool:
        case {"sidebyside": {"check": {"sources": [*sources], **rest}}}:
            report = str(rest.get("report", ""))
            return {posixpath.normpath(str(source)): report for source in sources}
    return {}
