"""
# The modules of a project, as their text stands now

Python keeps compiled modules, and takes one to be up to date if size and time of the source agree.
After a quick change they may, and then old code would run beside new text. So the modules of the
project are compiled from their text each time, and no compiled file is read or written. Those of
other people are left alone.

Which modules were loaded is noted: the verdicts depend on them, be they sources or not.

## Without the compiler

torch marks the methods that its compiler must leave alone. The first call of such a method loads
the compiler, 800 modules, only to be told so. Nothing is compiled while formulas are checked, so
the methods are called directly: that saves a third of the time that one file takes. Where the mark
looks different in another version of torch, it is not found, and nothing changes but the time.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

__all__ = ["FreshLoader", "fresh_modules", "is_ours", "uncompiled"]


_FOREIGN = [Path(path).resolve() for path in set(sysconfig.get_paths().values())]
_FOREIGN += [Path(__file__).resolve().parents[1]]  # the checker is no part of what it checks


class FreshLoader(SourceFileLoader):
    """Compiles the source file, whatever was compiled before."""

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of the file as it is."""
        path = self.get_filename(fullname)
        with warnings.catch_warnings():  # Python itself warns only when it compiles a file anew
            warnings.simplefilter("ignore")
            return self.source_to_code(self.get_data(path), path)


class _Finder(MetaPathFinder):
    """Finds modules as always, and gives those of the project another loader."""

    def __init__(self, root: Path, sources: Iterable[Path]) -> None:
        self.root = root.resolve()
        self.sources = {path.resolve() for path in sources}
        self.folders: dict[
            str, tuple[Path, bool]
        ] = {}  # where they are, and whether of the project
        self.loaded: list[Path] = []

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the other finders have found, with the loader changed."""
        others = [each for each in sys.meta_path if each is not self and hasattr(each, "find_spec")]
        found = (each.find_spec(fullname, path, target) for each in others)
        spec = next((each for each in found if each is not None), None)
        if spec is None or type(spec.loader) is not SourceFileLoader or spec.origin is None:
            return spec
        file, is_ours = self.resolved(spec.origin)
        if is_ours:
            spec.loader = FreshLoader(spec.loader.name, spec.loader.path)
            self.loaded.append(file)
        return spec

    def resolved(self, file: str) -> tuple[Path, bool]:
        """
        Where a file is, links followed, and whether it is part of the project.

        That is asked once for each folder, as many modules lie there.
        """
        folder, name = os.path.split(file)
        if os.path.islink(file):
            found = Path(file).resolve()
            return found, is_ours(found, self.root, self.sources)
        if folder not in self.folders:
            real = Path(folder).resolve()
            self.folders[folder] = real, is_ours(real / name, self.root, ())
        real, is_within = self.folders[folder]
        return real / name, is_within or real / name in self.sources


def is_ours(file: Path, root: Path, sources: Collection[Path]) -> bool:
    """Return whether a file is one of the sources, or below the root; all are resolved."""
    if file in sources:
        return True
    foreign = any(file.is_relative_to(folder) for folder in _FOREIGN)
    return file.is_relative_to(root) and not foreign


@contextmanager
def fresh_modules(root: Path, sources: Iterable[Path]) -> Iterator[list[Path]]:
    """Load the modules of a project from their text; yield the list of those that were loaded."""
    finder = _Finder(root, sources)
    sys.meta_path.insert(0, finder)
    try:
        yield finder.loaded
    finally:
        sys.meta_path.remove(finder)


_COMPILER = "torch._dynamo"
_DIRECT = "__dynamo_disable"  # where torch keeps what to call instead of a marked function


@contextmanager
def uncompiled(classes: Iterable[type]) -> Iterator[None]:
    """Call the marked methods of some classes directly, unless the compiler is there already."""
    changed: list[Callable[..., Any]] = []
    try:
        for function in () if _COMPILER in sys.modules else set(_marked(classes)):
            setattr(function, _DIRECT, function)
            changed.append(function)
        yield
    finally:
        for function in changed:
            delattr(function, _DIRECT)


def _marked(classes: Iterable[type]) -> Iterator[Callable[..., Any]]:
    for owner in {base for cls in classes for base in cls.__mro__}:
        for method in vars(owner).values():
            function = getattr(method, "__wrapped__", None)
            module = getattr(method, "__globals__", {}).get("__name__")
            if function and module == "torch._compile" and not hasattr(function, _DIRECT):
                yield function
