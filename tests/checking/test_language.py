"""Code that a formula is about is written in a language, and what is not in it is refused."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from sidebyside.language.language import FUNCTIONS, METHODS, VALUES
from tests.checking.test_deciding import ADDED, ARRAYS, SUM, found

MODULES = {"math": math, "numpy": np, "torch": torch}
# What is refused, and what it says of it.
REFUSED = {
    "a function that is not listed": (
        f"k = np.interp(x, [0, 99], [1, 2])\n        {ADDED} * k / k",
        "`np.interp(x, [0, 99], [1, 2])` is not in the language",
    ),
    "a method that is not listed": (f"{ADDED} + 0 * x.argsort()", "`x.argsort()` is not in"),
    "an argument that is not listed": (
        "self.m = np.add(self.m, x, casting='safe')",
        "nobody knows what `casting='safe'` does",
    ),
    "an output that is no operand": (
        "y = np.zeros_like(x)\n        self.m = np.add(self.m, x, out=y)",
        "nobody knows what `out=y` does",
    ),
    "what a variable happens to be": (
        "for f in [np.add]:\n            self.m = f(self.m, x)",
        "`f(self.m, x)` is not in",
    ),
    "what is used up": (
        f"y = enumerate([2.5])\n        k = sum(a for _, a in y)\n        {ADDED} * k / k",
        "`enumerate([2.5])` is not in",
    ),
    "a value that is not listed": (
        f"{ADDED} * np.euler_gamma / np.euler_gamma",
        "`np.euler_gamma` is not in",
    ),
    "an attribute of an array": (f"{ADDED} * x.itemsize / x.itemsize", "`x.itemsize` is not in"),
    "a name that is not written down": (f"{ADDED} + 0 * getattr(self, 'm' + '')", "`getattr("),
    "how a number is kept": (
        f"kind = x.dtype\n        {ADDED}.astype(kind)",
        "`x.dtype` is not in",
    ),
}


def test_every_name_in_the_table_is_one() -> None:
    for full in (*FUNCTIONS, *VALUES):
        module, _, name = full.partition(".")
        place = MODULES.get(module)
        for part in name.split(".") if place else ():
            assert hasattr(place, part), full
            place = getattr(place, part)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_in_the_table_is_one(name: str) -> None:
    kinds = (np.ndarray, torch.Tensor, list, dict, set, str, tuple)
    others = {"appendleft", "popleft"}
    assert any(hasattr(kind, name) for kind in kinds) or name in others


@pytest.mark.parametrize(
    ("call", "unknown"),
    [
        ("np.sum(x, 0)", ""),
        ("np.sum(x, axis=0, keepdims=True)", ""),
        ("np.sum(x, 0, float)", "float"),
        ("np.sum(x, where=y)", "where=y"),
        ("np.sum(*x)", "*x"),
        ("np.sum(x, **y)", "**y"),
        ("np.maximum(x, y, out=x)", ""),
        ("np.maximum(2 * x, y, out=x)", ""),
        ("np.maximum(x, y, x)", "x"),
        ("np.maximum(x, y, out=z)", "out=z"),
    ],
)
def test_arguments_have_to_be_listed(call: str, unknown: str) -> None:
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    assert FUNCTIONS[ast.unparse(node.func).replace("np.", "numpy.")].unknown(node) == unknown


@pytest.mark.parametrize(("body", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_in_the_language_is_refused(body: str, said: str, tmp_path: Path) -> None:
    result = found(tmp_path, SUM, body, ARRAYS)
    assert result.startswith("failed")
    assert said in result


CLASSES = {
    "a type with rules of its own": ("class Odd(float):\n    pass", "class Odd(float)"),
    "a hook": ("class Odd:\n    def __getattr__(self, name):\n        return 0", "__getattr__"),
    "a metaclass": ("class Odd(metaclass=type):\n    pass", "class Odd(metaclass=type)"),
}


@pytest.mark.parametrize(("top", "said"), CLASSES.values(), ids=CLASSES)
def test_a_class_that_gives_code_another_meaning_is_refused(
    top: str, said: str, tmp_path: Path
) -> None:
    result = found(tmp_path, SUM, ADDED, ARRAYS, top=f"\n{top}\n")
    assert result.startswith("failed")
    assert f"`{said}` is not in the language" in result


def test_a_function_is_known_by_the_module_that_it_is_from(tmp_path: Path) -> None:
    top = "from math import sin, cos\n\n\ndef unit(v):\n    return sin(v) ** 2 + cos(v) ** 2\n"
    body = "self.m = self.m + x * unit(x).real"
    assert found(tmp_path, SUM, body, top=top).startswith("tried")
    assert "`sin(v)` is not in" in found(tmp_path, SUM, body, top=top.replace("math", "cmath"))
