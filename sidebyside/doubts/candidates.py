"""
# Other settings

What else the arguments of a constructor may be. Where one is the same in all configurations, it is
something else of its type. Where it varies, it is one of the numbers at which the code decides, or
lies further out; a share comes near to 1. And where a denominator in the code is a polynomial in
the settings of an object, one of them is what makes it 0, with the others as they are in a run.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import sympy

from sidebyside.probing.trees import real_path
from sidebyside.settings import Configuration, differ
from sidebyside.source.sections import Module

MOST_VALUES = 8
# A function of most modules, and a text that none knows.
TEXTS = ("sin", "another")

_PAIRS = ("min", "max", "minimum", "maximum", "clip", "clamp", "clip_", "clamp_")

DEEPEST = 3  # variables, one made of the other
_OPERATIONS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}

Values: TypeAlias = "Mapping[str, list[Any]]"


@dataclass(frozen=True)
class Constants:
    """The `numbers` in some code but 0, those at which it decides, and the names among `texts`."""

    numbers: tuple[float, ...]
    decisive: tuple[float, ...]
    texts: tuple[str, ...]


def constants_in(cls: type, modules: Iterable[Module], root: Path) -> Constants:
    """Return the constants in the modules that a class is made of."""
    files = {real_path(inspect.getsourcefile(each) or "") for each in cls.__mro__[:-1]}
    trees = [each.tree for each in modules if real_path(str(root / each.path)) in files]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    tests = [inside for n in nodes if _decides(n) for inside in ast.walk(n)]
    numbers, texts = _constants(nodes)
    decisive = [value for each in _constants(tests)[0] for value in (each, 2 * each + 1)]
    return Constants(tuple(n for n in numbers if n), tuple(decisive), tuple(texts[:MOST_VALUES]))


def _decides(node: ast.AST) -> bool:
    """Whether a piece of code compares numbers, or takes the larger or smaller one."""
    if isinstance(node, ast.Call):
        return ast.unparse(node.func).rpartition(".")[2] in _PAIRS
    return isinstance(node, ast.Compare)


def _constants(nodes: Iterable[ast.AST]) -> tuple[list[float], list[str]]:
    found = [node.value for node in nodes if isinstance(node, ast.Constant)]
    numbers = [float(v) for v in found if isinstance(v, int | float) and not isinstance(v, bool)]
    texts = [v for v in found if isinstance(v, str) and v.isidentifier()]
    return list(dict.fromkeys(numbers)), list(dict.fromkeys(texts))


def values_of(cls: type, configurations: Iterable[Configuration]) -> dict[str, list[Any]]:
    """Return the values that each argument of a class has in the configurations."""
    found: dict[str, list[Any]] = {}
    given = [each.arguments for each in configurations if each.cls is cls]
    for name, parameter in inspect.signature(cls).parameters.items():
        default = parameter.default
        values = [each.get(name, default) for each in given]
        if not any(each is parameter.empty for each in values):
            found[name] = [v for n, v in enumerate(values) if not _is_in(v, values[:n])]
    return found


def _is_in(value: Any, values: Sequence[Any]) -> bool:
    return any(type(each) is type(value) and not differ(each, value) for each in values)


def other_settings(
    cls: type, values: Values, code: Constants
) -> Iterator[tuple[str, dict[str, Any]]]:
    """
    Yield arguments to change, with words for the change.

    One by one; numbers that the configurations vary together, as that takes fewer runs; and those
    that they do not, once more, together.
    """
    others = {name: _others(known, code) for name, known in values.items()}
    varied = [name for name, known in values.items() if len(known) > 1 and others[name]]
    for name, found in others.items():
        for value in found if name not in varied else ():
            yield _words({name: value}), {name: value}
    most = max((len(others[name]) for name in varied), default=0)
    for k in range(most):
        # No two of them at the same number, which would make them one.
        each = {n: others[n][(k + place) % len(others[n])] for place, n in enumerate(varied)}
        yield _words(each), each
    together = {n: others[n][0] for n, v in values.items() if is_one_number(v)}
    if len(together) > 1:
        yield _words(together), together
    for name in code.texts if values and _takes_any(cls) else ():
        if name not in values:
            yield f"`{name}` = 0.7", {name: 0.7}


def _words(changed: Mapping[str, Any]) -> str:
    shown = {n: "another function" if v is _another else repr(v) for n, v in changed.items()}
    return ", ".join(f"`{name}` = {value}" for name, value in shown.items())


def _takes_any(cls: type) -> bool:
    """Whether a constructor takes arguments of any name."""
    parameters = inspect.signature(cls).parameters.values()
    return any(each.kind is each.VAR_KEYWORD for each in parameters)


def known_settings(base: Configuration, values: Mapping[str, list[Any]]) -> dict[str, Any]:
    """The settings of a configuration."""
    given = base.arguments
    return {n: given[n] if given.get(n) is not None else _first(values[n]) for n in values}


def _first(known: Sequence[Any]) -> Any:
    """The first of some values; a setting that is None now and then may be something."""
    return next((each for each in known if each is not None), None)


def seen_of(changed: Mapping[str, Any], values: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Those of other arguments that a page speaks of; it may take as given what never changes."""
    return {n: v for n, v in changed.items() if not is_one_number(values.get(n, ()))}


def float_settings(values: Mapping[str, list[Any]]) -> list[str]:
    """The settings that are numbers; those that vary in the configurations, if any do."""
    floats = [name for name, each in values.items() if all(map(_is_number, each))]
    return [name for name in floats if len(values[name]) > 1] or floats


def _is_number(value: Any) -> bool:
    """Whether a setting is a number, or some together, such as betas."""
    is_some = isinstance(value, tuple) and bool(value)
    return all(type(each) is float for each in (value if is_some else (value,)))


def is_one_number(values: Sequence[Any]) -> bool:
    """Return whether an argument is one number in all configurations; 0 switches something off."""
    return len(values) == 1 and type(values[0]) in (int, float) and values[0] != 0


def _others(values: Sequence[Any], code: Constants) -> list[Any]:
    """What else an argument may be that has these values in the configurations."""
    if len(values) > 1:
        if not all(type(each) is float for each in values):
            return []
        shares = [0.99] if all(0 < each < 0.99 for each in values) else []
        others = dict.fromkeys([*code.decisive, *shares, 2.0 * max(values)])
        return [each for each in others if each not in values][:MOST_VALUES]
    [value] = values
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, value + 2]
        case float():
            return [_moved(value)]
        case None:
            return [0.7, True]
        case str():
            return [each for each in (*TEXTS, *code.texts) if each != value]
        case list() | tuple():
            changed = _moved(value)
            return [changed, type(value)([*changed, *changed])]
        case dict():
            return [_moved(value)]
    return [_another] if callable(value) and not isinstance(value, type) else []


def _moved(value: Any) -> Any:
    """A value with other numbers, be they inside of it."""
    if type(value) in (int, float):
        return round(0.6 * value + 0.37, 6)
    if isinstance(value, dict):
        return {key: _moved(each) for key, each in value.items()}
    return type(value)(map(_moved, value)) if type(value) in (list, tuple) else value


def _another(value: Any, *_: Any) -> Any:
    """A function in place of one."""
    return 0.7 * value + 0.1


def zeros_of(
    cls: type, modules: Iterable[Module], root: Path, given: Mapping[str, Any]
) -> Iterator[tuple[str, float]]:
    """Yield settings, each with a number at which code of a class divides by zero."""
    numbers = {n: each for n, each in given.items() if type(each) in (int, float)}
    files = {real_path(inspect.getsourcefile(each) or "") for each in cls.__mro__[:-1]}
    seen: set[tuple[str, float]] = set()
    for module in modules:
        if real_path(str(root / module.path)) in files:
            for denominator in _denominators(module.tree):
                for name in sorted(map(str, denominator.free_symbols & _symbols(numbers))):
                    seen.update((name, each) for each in _roots(denominator, name, numbers))
    yield from sorted(seen)


def _symbols(names: Iterable[str]) -> set[sympy.Symbol]:
    return {sympy.Symbol(name) for name in names}


def _roots(denominator: sympy.Expr, name: str, numbers: Mapping[str, float]) -> Iterator[float]:
    """The numbers at which a denominator is 0, where the other settings are what they are."""
    others = {sympy.Symbol(n): sympy.nsimplify(v) for n, v in numbers.items() if n != name}
    found = sympy.together(denominator.subs(others)).as_numer_denom()[0]
    symbol = sympy.Symbol(name)
    if found.free_symbols == {symbol} and found.is_polynomial(symbol):
        yield from (float(each) for each in sympy.Poly(found, symbol).real_roots())


def _denominators(tree: ast.AST) -> Iterator[sympy.Expr]:
    """What functions divide by, as far as it is made of attributes and numbers."""
    for function in (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)):
        made = {
            node.targets[0].id: node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for node in ast.walk(function):
            if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
                below = node.right if isinstance(node, ast.BinOp) else node.value
                found = _expression(below, made, DEEPEST)
                if found is not None:
                    yield found


def _expression(node: ast.expr, made: Mapping[str, ast.expr], depth: int) -> sympy.Expr | None:
    """Some code in symbols, which are called like attributes; None for what is more."""
    match node:
        case ast.Constant(int() | float() as value):
            return sympy.nsimplify(value)
        case ast.Attribute(ast.Name("self"), name):
            return sympy.Symbol(name)
        case ast.Name(name) if name in made and depth:
            return _expression(made[name], made, depth - 1)
        case ast.UnaryOp(ast.USub(), part):
            inside = _expression(part, made, depth)
            return None if inside is None else -inside
        case ast.BinOp(left, operation, right) if type(operation) in _OPERATIONS:
            parts = [_expression(each, made, depth) for each in (left, right)]
            return None if None in parts else _OPERATIONS[type(operation)](*parts)
    return None
