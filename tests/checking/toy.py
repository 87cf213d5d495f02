"""
A package to check that needs neither torch nor us.

Tests replace pieces of it: a formula by a wrong one, a line of code by another. `check` then runs
everything from the source text to the report.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sidebyside.checking.check import check_package
from sidebyside.report import Entry, Report
from sidebyside.settings import Settings

SOURCE = '''"""
# A toy
"""


class Base:
    """
    ## The base

    * $θₜ$ is `param`, the parameter
    * $gₜ$ is `grad`, the gradient
    * $α$ is `group["lr"]`, the step size
    """

    def __init__(self, params, lr=0.3, beta=0.8, eps=0.01, decay=0.0, signed=False, defaults=None):
        self.params = params
        self.group = {"lr": lr, "beta": beta, "eps": eps, "decay": decay, "signed": signed}
        self.states = {}

    def step(self, grads):
        for n, grad in enumerate(grads):
            if grad is not None:
                state = self.states.setdefault(n, {})
                self.init_state(state, self.params[n])
                self.step_param(state, self.group, grad, self.params[n])

    def init_state(self, state, param):
        for key in ("m", "v", "u"):
            if key not in state:
                state[key] = param * 0.0
        state["t"] = state.get("t", 0) + 1


class Toy(Base):
    """
    ## The toy

        mₜ ← β·mₜ₋₁ + (1 − β)·gₜ
        vₜ ← β·vₜ₋₁ + gₜ²
        m̂ₜ ← mₜ / (1 − βᵗ)
        θₜ ← θₜ₋₁ − α·m̂ₜ / (√vₜ + ε)

    * $mₜ$ is `state["m"]`, the running mean
    * $vₜ$ is `state["v"]`, a fading sum of squares
    * $uₜ$ is `state["u"]`, the largest sum
    * $β$ is `group["beta"]`, how slowly it forgets
    * $ε$ is `group["eps"]`, small
    * $λ$ is `group["decay"]`, the decay
    """

    def step_param(self, state, group, grad, param):
        if group["decay"] != 0:
            # θₜ ← (1 − λ)·θₜ₋₁
            param *= 1 - group["decay"]
        m, v = self.get_mv(state, group, grad)
        self.keep_max(state["u"], v)
        self.update(group, param, m, v, state["t"])

    def get_mv(self, state, group, grad):
        m, v = state["m"], state["v"]

        # mₜ ← β·mₜ₋₁ + (1 − β)·gₜ
        m *= group["beta"]
        m += (1 - group["beta"]) * grad
        # vₜ ← β·vₜ₋₁ + gₜ²
        v *= group["beta"]
        v += grad**2
        return m, v

    def keep_max(self, u, v):
        """
        ### Keep the largest

        * $uₜ$ is `u`, the largest so far
        """
        # uₜ = max(v₁, …, vₜ)
        u[:] = [max(a, b) for a, b in zip(u, v)]
        return u

    def update(self, group, param, m, v, t):
        """
        ### Move

        * $θₜ₋₁$ is `param` at entry, already decayed
        """
        # c = 1 − βᵗ
        correction = 1 - group["beta"] ** t
        # √vₜ + ε
        denominator = v**0.5 + group["eps"]
        if group["signed"]:
            # θₜ ← θₜ₋₁ − α·mₜ / |mₜ|
            param -= group["lr"] * (
                m
                / abs(m)
            )
            return
        # The whole of it:
        #
        # θₜ ← θₜ₋₁ − α·m̂ₜ / (√vₜ + ε)
        # θₜ ← θₜ₋₁ − α / c · mₜ / (√vₜ + ε)
        param -= group["lr"] / correction * m / denominator
'''

CONFIGURATIONS = """
import numpy as np
from momentum import Toy

def configurations():
    yield Toy, {}
    yield Toy, {"signed": True}
    yield Toy, {"decay": 0.1}
    yield Toy, {"decay": 0.1, "signed": True}

def run(cls, arguments, count, gradients=None):
    params = [np.array([1.0, -2.0, 3.0]), np.array([0.5])]
    if gradients is not None:
        return attack(cls, arguments, count, gradients)
    optimizer = cls(params, **arguments)
    for step in range(1, 8):
        places = [np.arange(1, param.size + 1) for param in params]
        grads = [np.sin(p * step**1.5 + p) * (9 if step == 4 else 1) for p in places]
        if step < 3:
            grads[1] = None
        for param, grad in zip(params, grads):
            if grad is not None:
                count(param)
        optimizer.step(grads)

def attack(cls, arguments, count, gradients):
    param = np.zeros(gradients.shape[1])
    optimizer = cls([param], **arguments)
    for row in gradients:
        count(param)
        optimizer.step([row])
"""


def write(folder: Path, *changes: tuple[str, str]) -> Settings:
    """Write the package into a folder of its own, with pieces of its text replaced."""
    folder = Path(tempfile.mkdtemp(dir=folder))
    sys.modules.pop("momentum", None)  # that of another test
    texts = {"momentum.py": SOURCE, "configurations.py": CONFIGURATIONS}
    for old, new in changes:
        assert sum(old in text for text in texts.values()) == 1, f"no single file has {old!r}"
        texts = {name: text.replace(old, new) for name, text in texts.items()}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return Settings(root=folder, sources=("momentum.py",), configurations="configurations.py")


def check(folder: Path, *changes: tuple[str, str]) -> Report:
    """Check the package, with pieces of its text replaced."""
    return check_package(write(folder, *changes))


def failed(report: Report) -> list[Entry]:
    """Return what failed, in the order of the source."""
    entries = (entry for each in report.entries.values() for entry in each)
    return [entry for entry in entries if entry.status == "failed"]
