"""
# One test for each formula

A test module with one line, beside a `pyproject.toml` that has a table `[tool.sidebyside.check]`:

    from sidebyside.pytest_plugin import Formulas

    formulas = Formulas()

pytest then shows `ada_belief.py:161 sₜ ← …` as a test of its own. Formulas inside sentences claim
nothing by themselves; that their symbols are explained is one test for each file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sidebyside.report import Entry, Report


class Formulas:
    """Asks for the tests. `settings` is the `pyproject.toml`; by default the nearest one."""

    def __init__(self, settings: str | Path | None = None) -> None:
        self.settings = settings


def pytest_pycollect_makeitem(collector: Any, name: str, obj: object) -> pytest.Collector | None:
    """Collect the formulas where a test module asks for them."""
    if not isinstance(obj, Formulas):
        return None
    return FormulaCollector.from_parent(collector, name=name, formulas=obj)


class FormulaCollector(pytest.Collector):
    """The formulas of one package."""

    def __init__(self, *, formulas: Formulas, **rest: Any) -> None:
        super().__init__(**rest)
        self.formulas = formulas
        self._report: Report | None = None
        self._sources: dict[str, list[str]] = {}

    def collect(self) -> Iterable[pytest.Item]:
        """Yield a test for each formula. Reading them is quick; nothing is run yet."""
        from sidebyside.checking.package import Package
        from sidebyside.settings import ConfigurationError
        from sidebyside.source.sections import SourceError

        try:
            claims = Package(self._settings()).claims
        except (ConfigurationError, SourceError) as error:
            raise self.CollectError(str(error)) from None
        for path in dict.fromkeys(claim.path for claim in claims):
            shown = [c for c in claims if c.path == path and c.kind != "mention"]
            for claim in shown:
                name = f"{Path(path).name}:{claim.line} {claim.text}"
                keys = {(claim.line, claim.text)}
                yield FormulaItem.from_parent(self, name=name, path_of=path, keys=keys)
            keys = {(c.line, c.text) for c in claims if c.path == path and c not in shown}
            name = f"{Path(path).name}: symbols"
            yield FormulaItem.from_parent(self, name=name, path_of=path, keys=keys)
        yield RestItem.from_parent(self, name="nothing else is wrong")

    def report(self) -> Report:
        """Check the package, once for all tests."""
        if self._report is None:
            from sidebyside.checking.check import check_package
            from sidebyside.settings import ConfigurationError

            try:
                self._report = check_package(self._settings())
            except ConfigurationError as error:
                raise WrongFormulaError(str(error)) from None
        return self._report

    def source(self, path: str) -> list[str]:
        """Return the lines of a source file."""
        if path not in self._sources:
            text = (self._settings().root / path).read_text(encoding="utf-8")
            self._sources[path] = text.splitlines()
        return self._sources[path]

    def _settings(self) -> Any:
        from sidebyside.settings import find_settings, read_settings

        given = self.formulas.settings
        return find_settings(self.path) if given is None else read_settings(Path(given))


class WrongFormulaError(Exception):
    """A formula is wrong. The text is all there is to say: no traceback helps."""


class _Item(pytest.Item):
    parent: FormulaCollector

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        if isinstance(excinfo.value, WrongFormulaError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name


class FormulaItem(_Item):
    """The test of some formulas of one file: of one, or of all that stand in sentences."""

    def __init__(self, *, path_of: str, keys: set[tuple[int, str]], **rest: Any) -> None:
        super().__init__(**rest)
        self.path_of, self.keys = path_of, keys

    def runtest(self) -> None:
        from sidebyside.checking.command import explain

        lines = self.parent.source(self.path_of)
        messages = [
            line for entry in self._failed() for line in explain(self.path_of, entry, lines)
        ]
        if messages:
            raise WrongFormulaError("\n".join(messages))

    def _failed(self) -> Iterator[Entry]:
        for entry in self.parent.report().entries[self.path_of]:
            if (entry.line, entry.text) in self.keys and entry.status == "failed":
                yield entry


class RestItem(_Item):
    """The test that no configuration raised, and that every line of the notation is of use."""

    def runtest(self) -> None:
        problems = self.parent.report().problems
        if problems:
            raise WrongFormulaError("\n".join(problems))
