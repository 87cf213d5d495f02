"""
# What to check, and how to run it

A package says in its `pyproject.toml` where its annotated sources are, and which Python file knows
how to run them:

    [tool.sidebyside.check]
    sources = ["labml_nn_optim"]                 # folders and files; or an installed package
    configurations = "docs/configurations.py"    # what to run
    report = "docs/facts/checks.json"            # where the verdicts are recorded
    notation = "notation.md"                     # more notation lists, beside sources not our own
    strict = true                                # everything that looks like a formula must parse
    entry = "step_param"                         # the method that takes one step
    memory = ["state", "param"]                  # its arguments that live on

The Python file has two functions. `configurations()` yields classes, each with the keyword
arguments to make it with. `run(cls, arguments, count)` makes one and drives it for a few steps, and
calls `count(param)` for each parameter that is about to take a step. If it takes `gradients`, too,
bounds are attacked: it is given a table, with a row for each step, and a column for each element of
a parameter that starts at 0.

## Is there such an entry, and such a memory?

The settings name the method that takes one step, and what lives on from one step to the next. With
a wrong name nothing would be recorded, and every formula would seem to stand beside dead code. So
the names are looked up in the sources before anything runs.

A step is one call, from its start to its end. A generator or a coroutine stops in the middle and
goes on later, maybe in another step, so neither can be checked.

## Which arguments are unusual
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

from sidebyside.trace.loader import FreshLoader

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


import ast
from collections.abc import Sequence
from difflib import get_close_matches

from sidebyside.claims.chunks import functions_of
from sidebyside.claims.claims import Claim
from sidebyside.source.notation import Scope
from sidebyside.source.sections import Module
from sidebyside.trace.contained import contained

Run: TypeAlias = Callable[..., object]


class ConfigurationError(Exception):
    """Something in the configuration of the checks is wrong. The text says what and where."""


@dataclass(frozen=True)
class Settings:
    """The table `[tool.sidebyside.check]`. Paths are relative to `root`, where it was found."""

    root: Path
    sources: tuple[str, ...]
    configurations: str
    report: str = ""
    notation: str = ""
    strict: bool = True
    entry: str = "step_param"
    memory: tuple[str, ...] = ("state", "param")
    file: str = "pyproject.toml"

    @property
    def name(self) -> str:
        """What messages call the settings."""
        return f"{self.root / self.file}: [tool.sidebyside.check]"

    def files(self) -> list[Path]:
        """Return all source files, relative to the root where they lie in it."""
        found: list[Path] = []
        for source in self.sources:
            path = self.root / source
            if not path.exists():
                path = _installed(source)
            found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
        return [_relative(path, self.root) for path in found]


@dataclass(frozen=True)
class Configuration:
    """One way to make a class. `label` names it in messages, with the arguments that matter."""

    cls: type
    arguments: Mapping[str, Any]
    label: str

    @property
    def unusual(self) -> set[str]:
        """The arguments that differ from their defaults, if they have any."""
        return unusual(self.cls, self.arguments)


def find_settings(start: Path) -> Settings:
    """Return the settings of the nearest `pyproject.toml` that has them, from `start` upwards."""
    for folder in (start.resolve(), *start.resolve().parents):
        file = folder / "pyproject.toml"
        if file.is_file() and "sidebyside" in _table(file):
            return read_settings(file)
    raise ConfigurationError(
        f"{start}: no pyproject.toml here or above has a table [tool.sidebyside.check]; "
        "it names the sources and what to run"
    )


def read_settings(file: Path) -> Settings:
    """Read the table of one file; refuse what is missing or unknown."""
    table = dict(_table(file).get("sidebyside", {}).get("check", {}))
    known = {name: field.type for name, field in Settings.__dataclass_fields__.items()}
    unknown = sorted(set(table) - set(known) | {"root", "file"} & set(table))
    missing = sorted({"sources", "configurations"} - set(table))
    for names, problem in ((unknown, "unknown"), (missing, "missing")):
        if names:
            raise ConfigurationError(
                f"{file}: [tool.sidebyside.check]: {problem}: {', '.join(names)}"
            )
    for name, value in table.items():
        wanted = bool if name == "strict" else list if name in ("sources", "memory") else str
        if not isinstance(value, wanted):
            raise ConfigurationError(f"{file}: `{name}` must be a {wanted.__name__}, got {value!r}")
        names = value if isinstance(value, list) else ["a name"]
        is_empty = not names and name != "memory"  # a class may keep nothing
        if is_empty or not all(isinstance(each, str) for each in names):
            raise ConfigurationError(f"{file}: `{name}` must be a list of names, got {value!r}")
    lists = {name: tuple(table[name]) for name in ("sources", "memory") if name in table}
    return Settings(root=file.parent, file=file.name, **{**table, **lists})


def load_configurations(settings: Settings) -> tuple[list[Configuration], Run]:
    """
    Import the Python file that says what to run.

    The configurations are sorted, those with the fewest unusual arguments first: when a formula
    fails, the simplest case is reported.
    """
    path = settings.root / settings.configurations
    module = _imported(path, settings.root)
    for name in ("configurations", "run"):
        if not callable(getattr(module, name, None)):
            raise ConfigurationError(f"{path}: there is no function `{name}`")
    try:
        inspect.signature(module.run).bind(object, {}, print)
    except TypeError as error:
        raise ConfigurationError(
            f"{path}: `run` must take three arguments, (cls, arguments, count): {error}"
        ) from None
    with _saying_where(path, "`configurations()`"):
        yielded = module.configurations()
        made = yielded if yielded is None else list(_iterated(path, yielded))
    if not made:
        what = "returned None" if made is None else "yields nothing"
        raise ConfigurationError(f"{path}: `configurations()` {what}; {_PAIR}")
    for number, each in enumerate(made, 1):
        _refuse_no_pair(path, number, each)
    found = [configuration(cls, arguments) for cls, arguments in made]
    labels = Counter(each.label for each in found)
    for label in (label for label, times in labels.items() if times > 1):
        raise ConfigurationError(
            f"{path}: `configurations()` yields {label} {labels[label]} times; a run that is made "
            "again shows nothing new: leave one, or give arguments a `repr` that tells them apart"
        )
    return sorted(found, key=lambda each: each.label.count("=")), module.run


_PAIR = 'let it yield pairs of a class and its arguments, as in `yield Adam, {"lr": 0.1}`'


def _iterated(path: Path, yielded: Any) -> Iterator[Any]:
    if not isinstance(yielded, Iterable) or isinstance(yielded, str | Mapping):
        problem = f"`configurations()` returned {_brief(yielded)}"
        raise ConfigurationError(f"{path}: {problem}; {_PAIR}")
    yield from yielded


def _refuse_no_pair(path: Path, number: int, each: Any) -> None:
    match each:
        case (type(), Mapping() as arguments) if all(isinstance(name, str) for name in arguments):
            return
    problem = f"`configurations()` yields {_brief(each)} as number {number}"
    raise ConfigurationError(f"{path}: {problem}; {_PAIR}")


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _imported(path: Path, root: Path) -> ModuleType:
    """The Python file that says what to run."""
    name = "sidebyside_configurations"
    loader = FreshLoader(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None or spec.loader is None or not path.is_file():
        raise ConfigurationError(f"{path}: no such Python file; `configurations` names it")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(root))
    try:
        with _saying_where(path, "it"):
            spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(root))
    return module


@contextmanager
def _saying_where(path: Path, what: str) -> Iterator[None]:
    """Say in which line of a file something was raised, in place of a traceback."""
    try:
        with contained():
            yield
    except ConfigurationError:
        raise
    except Exception as error:  # whatever people's code raises
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
        lines = [f.lineno for f in frames] or [getattr(error, "lineno", None)]
        line = f":{lines[-1]}" if lines[-1] else ""
        raised = f"{what} raised {type(error).__name__}: {error}"
        raise ConfigurationError(f"{path}{line}: {raised}") from error


def configuration(cls: type, arguments: Mapping[str, Any]) -> Configuration:
    """Return a configuration, labeled with the arguments that differ from the defaults."""
    told = {name for name in arguments if not has_default(cls, name)} | unusual(cls, arguments)
    shown = (f"{name}={_shown(value)}" for name, value in arguments.items() if name in told)
    return Configuration(cls, arguments, f"{cls.__name__}({', '.join(shown)})")


def _shown(value: Any) -> str:
    """A value in a message. An object without a text of its own shows its attributes."""
    if repr(value) != object.__repr__(value):
        return repr(value)
    inside = ", ".join(f"{name}={_shown(part)}" for name, part in vars(value).items())
    return f"{type(value).__name__}({inside})"


def _table(file: Path) -> dict[str, Any]:
    try:
        tool = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{file}: {error}") from error
    return tool if isinstance(tool, dict) else {}


def _installed(name: str) -> Path:
    """The folder or file of an installed module."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None or spec.origin is None:
        raise ConfigurationError(f"`{name}` is neither a file, nor a folder, nor a module")
    path = Path(spec.origin)
    return path.parent if path.name == "__init__.py" else path


def _relative(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path


Defined: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"

_DEFAULT = Settings.__dataclass_fields__["memory"].default


def refuse_unknown_names(settings: Settings, modules: Sequence[Module]) -> None:
    """Raise `ConfigurationError` if `entry` or `memory` names nothing in the sources."""
    functions = [node for module in modules for _, _, node in functions_of(module.tree)]
    if not functions:
        return  # then there is nothing that could be recorded
    entries = [node for node in functions if node.name == settings.entry]
    if not entries:
        names = sorted({node.name for node in functions})
        raise ConfigurationError(
            f'{settings.name}: entry = "{settings.entry}": no function of the sources is called '
            f"so{_similar(settings.entry, names)}; name the method that takes one step"
        )
    arguments = list(dict.fromkeys(name for node in entries for name in _arguments(node)))
    unknown = [name for name in settings.memory if name not in arguments]
    attributes = {name for module in modules if unknown for name in _attributes(module)}
    unknown = [name for name in unknown if name not in attributes]
    # The default is for optimizers; one of its names is enough for a simpler class.
    is_enough = settings.memory == _DEFAULT and len(unknown) < len(settings.memory)
    if unknown and not is_enough:
        shown = ", ".join(f'"{name}"' for name in settings.memory)
        is_default = settings.memory == _DEFAULT
        default, nothing = (
            (", its default", ", or `[]` if nothing does") if is_default else ("", "")
        )
        similar = _similar(unknown[0], [*arguments, *sorted(attributes)])
        raise ConfigurationError(
            f"{settings.name}: memory = [{shown}]{default}: `{unknown[0]}` is neither an argument "
            f"of `{settings.entry}` ({', '.join(arguments)}) nor an attribute such as `self.mean`"
            f"{similar}; name what lives on from one step to the next{nothing}"
        )


def refuse_generators(
    settings: Settings, modules: Sequence[Module], claims: Sequence[Claim]
) -> None:
    """Raise `ConfigurationError` if the entry, or a function with formulas, stops in the middle."""
    compared = ("line", "call", "statement")
    scopes = {claim.scope for claim in claims if claim.kind in compared and not claim.excuse}
    for module in modules:
        for name, line, node in functions_of(module.tree):
            is_entry = node.name == settings.entry
            if not (is_entry or Scope(module.path, name) in scopes) or not _stops(node):
                continue
            kind = "a coroutine" if isinstance(node, ast.AsyncFunctionDef) else "a generator"
            remedy = (
                "name a method that takes a step in one go"
                if is_entry
                else "move the lines with the formulas to a function that runs in one go"
            )
            what = f'entry = "{settings.entry}": ' if is_entry else ""
            raise ConfigurationError(
                f"{settings.name}: {what}{name} in {module.path}:{line} is {kind}, which stops in "
                f"the middle and goes on later; {remedy}"
            )


def _stops(node: Defined) -> bool:
    """Whether a function is a generator or a coroutine."""
    return isinstance(node, ast.AsyncFunctionDef) or any(map(_yields, node.body))


def _yields(node: ast.AST) -> bool:
    """Whether a part of a function yields, and not one of the functions inside it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        return False
    inside = ast.iter_child_nodes(node)
    return isinstance(node, ast.Yield | ast.YieldFrom) or any(map(_yields, inside))


def _arguments(node: Defined) -> Iterator[str]:
    """The arguments of a function, without `self`."""
    all_ = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    rest = [each for each in (node.args.vararg, node.args.kwarg) if each is not None]
    yield from (each.arg for each in [*all_, *rest] if each.arg != "self")


def _attributes(module: Module) -> Iterator[str]:
    """The attributes of `self` that a source speaks of."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                yield f"self.{name}"


def _similar(name: str, names: Sequence[str]) -> str:
    found = get_close_matches(name, names, 1, 0.6)
    return f" (did you mean `{found[0]}`?)" if found else ""


@lru_cache(maxsize=64)
def parameters_of(cls: type) -> Mapping[str, inspect.Parameter]:
    """Return the arguments of a constructor."""
    return inspect.signature(cls).parameters


def unusual(cls: type, arguments: Mapping[str, Any]) -> set[str]:
    """Return which arguments to make a class with differ from their defaults, if they have any."""
    return {name for name, value in arguments.items() if is_unusual(cls, name, value)}


def is_unusual(cls: type, name: str, value: Any) -> bool:
    """Whether an argument to make a class with is not the default; without one, any is usual."""
    parameters = parameters_of(cls)
    if name not in parameters:
        return True
    return has_default(cls, name) and differ(parameters[name].default, value)


def has_default(cls: type, name: str) -> bool:
    """Whether a class can be made without an argument."""
    parameters = parameters_of(cls)
    return name in parameters and parameters[name].default is not inspect.Parameter.empty


def differ(one: Any, other: Any) -> bool:
    """Return whether two values differ. Arrays are equal if all of their elements are."""
    try:
        found = one != other
        return bool(found.any() if hasattr(found, "any") else found)
    except Exception:  # whatever people's objects raise
        return one is not other
