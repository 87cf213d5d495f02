"""
# The language in which a formula can get a sign

Runs show what code does with the numbers that they had. What it does with all others, they show
only as far as the operations are known: a root is a root of every number, a call of some other
package may be anything. So the code that a formula is about, with all that it calls, may use what
is listed in [a table](language.toml), and nothing else. [Foreign](foreign.py) reads the code.
"""

from __future__ import annotations

import ast
import math
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = [
    "BASES",
    "FORMS",
    "FUNCTIONS",
    "KNOWN_ATTRIBUTES",
    "METHODS",
    "SPECIAL",
    "USED_UP",
    "VALUES",
    "Operation",
]


@dataclass(frozen=True)
class Operation:
    """A function or method: how many arguments it takes in order, and which by name."""

    most: float
    names: frozenset[str]
    takes_any: bool = False

    def unknown(self, call: ast.Call) -> str:
        """Return the first argument of a call that is not understood; empty if all are."""
        operands = [ast.unparse(each) for each in call.args]
        starred = [each for each in call.args if isinstance(each, ast.Starred)]
        if len(operands) > self.most:
            return operands[int(self.most)]
        if starred and not math.isinf(self.most):
            return ast.unparse(starred[0])
        for each in call.keywords:
            is_known = self.takes_any or each.arg in self.names
            if each.arg == "out":
                parts = {ast.unparse(part) for given in call.args for part in ast.walk(given)}
                is_known = each.arg in self.names and ast.unparse(each.value) in parts
            if not is_known:
                return ast.unparse(each)
        return ""


def _operations(text: str) -> Iterator[tuple[str, Operation]]:
    """The operations in a text such as `sum(x, axis, *, keepdims)`."""
    for name, inside in re.findall(r"([\w.]+)\(([^)]*)\)", text):
        function = ast.parse(f"def f({inside}): pass").body[0]
        assert isinstance(function, ast.FunctionDef)
        known = function.args
        plain = [each.arg for each in known.args]
        most = math.inf if known.vararg else len(plain) - ("out" in plain)
        names = frozenset([*plain, *(each.arg for each in known.kwonlyargs)])
        yield name, Operation(most, names, known.kwarg is not None)


_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
FORMS = frozenset(_TABLE["forms"].split())
FUNCTIONS: Mapping[str, Operation] = {
    name if module == "python" else f"{module}.{name}": operation
    for module, text in _TABLE["functions"].items()
    for name, operation in _operations(text)
}
METHODS: Mapping[str, Operation] = dict(_operations(_TABLE["methods"]["names"]))
VALUES = frozenset(_TABLE["values"]["names"].split())
KNOWN_ATTRIBUTES = frozenset(_TABLE["values"]["attributes"].split())
BASES = frozenset(_TABLE["classes"]["bases"].split())
SPECIAL = frozenset(_TABLE["classes"]["special"].split())
# What is used up once it was looked at, and so is not to be kept.
USED_UP = ("zip", "enumerate", "reversed")
