"""
# Which source a result came from

A result is worth keeping as long as the code that made it computes the same. Two numbers tell.

The first is a digest of the experiment's own code. Comments and docstrings are left out: a better
explanation must not throw away an hour of computing.

The second is a digest of what the optimizers *do*, rather than of how they are written. They are
made faster, and explained better, without any result changing. So each takes twenty steps, with its
switches in several positions, and the digest is of where it arrives, to twelve digits.
"""

from __future__ import annotations

import ast
import hashlib
import io
import re
import tokenize
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
# What all experiments have in common.
SHARED = ("optimizers.py", "training.py")
FILES = {
    "digits": "digits.py",
    "digits-hard": "digits.py",
    "lstm": "text.py",
    "transformer": "text.py",
    "gan": "gan.py",
    "absolute": "toys.py",
    "valley": "toys.py",
    "bowl": "toys.py",
    "beale": "toys.py",
    "rosenbrock": "toys.py",
    "trap": "toys.py",
}
SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING}
MARKS = {tokenize.INDENT: "▸", tokenize.DEDENT: "◂", tokenize.NEWLINE: "¶"}


def digest(texts: Iterable[str]) -> str:
    """## Twelve letters that stand for some texts"""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def code(text: str) -> str:
    """
    ## A source without what does not run

    Spaces go as well. Newer versions of Python read the inside of an f-string as code, older ones
    as one string; without spaces both come out alike.
    """
    prose = docstrings(ast.parse(text))
    kept = []
    spoken = False
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        # A docstring ends its line, and so takes the end of the line with it.
        ending, spoken = spoken and token.type == tokenize.NEWLINE, token.start in prose
        if token.type in SILENT or spoken or ending:
            continue
        kept.append(MARKS.get(token.type, re.sub(r"\s", "", token.string)))
    return "".join(kept)


def docstrings(tree: ast.Module) -> set[tuple[int, int]]:
    """### Where docstrings begin: line and column"""
    places = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                places.add((first.lineno, first.col_offset))
    return places


def of_task(task: str) -> str:
    """## The digest of an experiment's code"""
    names = (FILES[task], *SHARED)
    return digest(code((FOLDER / name).read_text(encoding="utf-8")) for name in names)


def of_optimizers() -> str:
    """## The digest of what our optimizers do"""
    import torch

    from labml_nn_optim import AdaBelief, Adam, AMSGrad, RAdam

    switches: list[tuple[Any, dict[str, Any]]] = [
        *((cls, {}) for cls in (Adam, AMSGrad, RAdam, AdaBelief)),
        (AdaBelief, {"rectify": False}),
        *((cls, {"weight_decay": 0.1}) for cls in (Adam, AMSGrad, RAdam, AdaBelief)),
        (AdaBelief, {"rectify": False, "weight_decay": 0.1}),
    ]
    places = []
    for cls, arguments in switches:
        param = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64, requires_grad=True)
        # A short memory, so that twenty steps pass through all branches.
        optimizer = cls([param], lr=0.1, betas=(0.8, 0.9), **arguments)
        for t in range(20):
            param.grad = torch.cos(param.detach() * (t + 1)) * torch.tensor([1.0, 0.1, 3.0])
            optimizer.step()
        places.append(" ".join(f"{value:.12g}" for value in param.tolist()))
    return digest(places)
