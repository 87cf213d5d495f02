"""A row is proved only where nothing but plain forms stands between users and a step."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
import torch

from sidebyside.proving.constructors import keeps_arguments
from sidebyside.proving.driven import Driven, steps_as_ours
from sidebyside.proving.provable import function_of

SOURCE = """
import torch
from torch.optim import Optimizer


class P(Optimizer):
    def __init__(self, params, lr=0.1, mu=0.9):
        {init}

    @torch.no_grad()
    def step(self, closure=None):
{step}

    def update(self, param, grad, lr, state=None):
        param.sub_(lr * grad)

    {more}
"""
INIT = 'super().__init__(params, {"lr": lr, "mu": mu})'
LOOP = """
for group in self.param_groups:
    for p in group["params"]:
        if p.grad is not None:
            self.update(p, p.grad, group["lr"])
"""
STATE = """
for group in self.param_groups:
    lr = group["lr"]
    for p in group["params"]:
        if p.grad is None:
            continue
        g, state = p.grad, None
        state = self.state[p]
        self.update(p, g, lr, state)
""".replace("g, state = p.grad, None", "g = p.grad")


@pytest.fixture
def load(tmp_path: Path) -> Any:
    """Import a module with these lines; those after it belong to its project."""

    def loaded(text: str) -> Any:
        number = len([*tmp_path.iterdir()])
        file = tmp_path / f"driven_{number}.py"
        file.write_text(text, encoding="utf-8")
        spec = spec_from_file_location(file.stem, file)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        monkeypatch.setitem(sys.modules, file.stem, module)
        spec.loader.exec_module(module)
        return module

    with pytest.MonkeyPatch.context() as monkeypatch:
        yield loaded


def is_plain(
    load: Callable[[str], Any], step: str = LOOP, init: str = INIT, more: str = ""
) -> bool:
    lines = "\n".join(f"        {line}" for line in step.strip().split("\n"))
    module = load(SOURCE.format(init=init, step=lines, more=more))
    memory = ("param", "state")
    driven = Driven(module.P, "update", memory, "param", lambda file: "driven_" in file)
    return driven.is_plain([])


PLAIN = {
    "a gradient that is there": LOOP,
    "a gradient that is missing": STATE,
    "a closure": f"loss = None\nif closure is not None:\n    with torch.enable_grad():\n"
    f"        loss = closure()\n{LOOP.strip()}\nreturn loss",
    "without gradients": "with torch.no_grad():\n    " + LOOP.strip().replace("\n", "\n    "),
    "by names": LOOP.replace('p.grad, group["lr"]', 'grad=p.grad, lr=group["lr"]'),
    "new memory": STATE.replace(
        "        self.update",
        '        if "m" not in state:\n            state["m"] = torch.zeros_like(p)\n'
        "        self.update",
    ),
    "new memory, of all kinds": STATE.replace(
        "        self.update",
        '        if not state:\n            state["t"] = 0\n            state["m"] = '
        "torch.zeros_like(p)\n        self.update",
    ),
}
ODD = {
    "some groups": LOOP.replace("self.param_groups:", "self.param_groups[:3]:"),
    "the first group": LOOP.replace(', group["lr"]', ', self.param_groups[0]["lr"]'),
    "some parameters": LOOP.replace('["params"]:', '["params"][:40]:'),
    "parameters the other way round": LOOP.replace('group["params"]:', 'group["params"][::-1]:'),
    "the defaults": LOOP.replace('group["lr"]', 'self.defaults["lr"]'),
    "half the rate": LOOP.replace('group["lr"]', 'group["lr"] / 2'),
    "another setting": LOOP.replace('group["lr"]', 'group["mu"]'),
    "the rate of the parameter before": "lr = 0.1\n"
    + LOOP.replace(', group["lr"])', ', lr)\n            lr = group["lr"]'),
    "a break": STATE.replace("continue", "break"),
    "a return": STATE.replace("continue", "return"),
    "a return after the first": LOOP + "            return",
    "a step twice": LOOP + '            self.update(p, p.grad, group["lr"])',
    "large gradients only": LOOP.replace("is not None", "is not None and p.grad.sum() > 0"),
    "a gradient for a parameter": LOOP.replace("p, p.grad", "p.grad, p"),
    "a gradient that is changed": STATE.replace("g = p.grad", "g = p.grad * 1"),
    "a gradient that is changed in place": STATE.replace("g = p.grad", "g = p.grad.mul_(2)"),
    "the memory of a group": LOOP.replace('group["lr"]', 'group["lr"], group'),
    "the memory of another": STATE.replace("self.state[p]", "self.state[group]"),
    "memory that is no zero": STATE.replace(
        "        self.update",
        '        if "m" not in state:\n            state["m"] = p.clone()\n        self.update',
    ),
    "memory in the group": LOOP.replace(
        "        if p", '        if "m" not in group:\n            group["m"] = p\n        if p'
    ),
    "nothing": "return None",
    "the groups twice": LOOP.strip() + LOOP,
    "a closure after the step": LOOP.strip() + "\nloss = closure()\nreturn loss",
    "a loop with an else": LOOP + "else:\n    self.param_groups.clear()",
}


@pytest.mark.parametrize("step", PLAIN.values(), ids=PLAIN)
def test_a_loop_over_parameters_may_be_written_so(load: Any, step: str) -> None:
    assert is_plain(load, step)


@pytest.mark.parametrize("step", ODD.values(), ids=ODD)
def test_a_loop_that_does_anything_else_is_not_plain(load: Any, step: str) -> None:
    assert not is_plain(load, step)


MORE = {
    **{
        f"another {name}": f"def {name}(self, *a):\n        return super().{name}(*a)"
        for name in ("add_param_group", "state_dict", "load_state_dict", "__setstate__")
    },
    "another zero_grad": "def zero_grad(self, set_to_none=True):\n        pass",
    "groups of another kind": "param_groups = property(lambda s: s.g, lambda s, g: None)",
    "another way to be made": "def __new__(cls, *a, **k):\n        return object.__new__(cls)",
    "a second method that steps": "def run(self, p):\n        self.update(p, p.grad * 2, 0.1)",
    "a second method that steps twice": "def run(self):\n        self.step()\n        self.step()",
    "a step by name": 'def run(self, p):\n        getattr(self, "update")(p, 2 * p.grad, 0.1)',
}


@pytest.mark.parametrize("more", MORE.values(), ids=MORE)
def test_an_optimizer_that_changes_what_torch_does_is_not_plain(load: Any, more: str) -> None:
    assert not is_plain(load, more=more)


def test_an_optimizer_may_have_other_methods(load: Any) -> None:
    assert is_plain(load, more="def __repr__(self):\n        return 'P'")
    assert is_plain(load, more="def total(self):\n        return len(self.param_groups)")


KEEPS = {
    "a dictionary": INIT,
    "dict": "super().__init__(params, dict(lr=lr, mu=mu))",
    "a name for it": "defaults = dict(lr=lr, mu=mu)\n        super().__init__(params, defaults)",
    "checks": 'if lr < 0:\n            raise ValueError("lr")\n        ' + INIT,
    "a list": "params = list(params)\n        " + INIT,
    "a constant": 'super().__init__(params, {"lr": lr, "mu": mu, "eps": 1e-8})',
}
ALTERS = {
    "half of it": 'super().__init__(params, {"lr": lr / 2, "mu": mu})',
    "a choice": 'super().__init__(params, {"lr": lr if lr < 9 else 9, "mu": mu})',
    "a minimum": 'super().__init__(params, {"lr": min(lr, 9), "mu": mu})',
    "another": 'super().__init__(params, {"lr": mu, "mu": lr})',
    "a constant": 'super().__init__(params, {"lr": 0.1, "mu": mu})',
    "changed first": "lr = lr / 2\n        " + INIT,
    "changed later": INIT + '\n        self.param_groups[0]["lr"] = 0.1',
    "changed in the defaults": INIT + '\n        self.defaults["lr"] = 0.1',
    "some parameters": 'super().__init__(list(params)[:9], {"lr": lr, "mu": mu})',
    "one memory for all": INIT + "\n        z = torch.zeros(3)\n        for g in self.param_groups:"
    '\n            for p in g["params"]:\n                self.state[p]["m"] = z',
    "a hook": INIT + "\n        self.register_step_pre_hook(print)",
    "a check that changes": "if (lr := lr / 2) < 0:\n            raise ValueError\n        " + INIT,
    "a check that takes away": "if not params.pop():\n            raise ValueError\n        "
    + INIT,
}


@pytest.mark.parametrize("init", KEEPS.values(), ids=KEEPS)
def test_a_constructor_may_keep_its_arguments_so(load: Any, init: str) -> None:
    assert is_plain(load, init=init)


@pytest.mark.parametrize("init", ALTERS.values(), ids=ALTERS)
def test_a_constructor_that_alters_its_arguments_is_not_plain(load: Any, init: str) -> None:
    assert not is_plain(load, init=init)


OBJECTS = {
    "its arguments": ("self.a = a\n        self._b = b", "", True),
    "another name": ("self.rate = a", "", True),
    "memory": ("self.a = a\n        self.m = np.zeros(3)\n        self.t = 0", "", True),
    "a number": ("self.a = float(a)", "", True),
    "a smaller one": ("self.a = min(a, 2.0**200)", "", False),
    "each other": ("self.a = b\n        self.b = a", "", False),
    "one of two": ("self.a = a\n        self.a = b", "", False),
    "a constant for an argument": ("self.a = 1.0", "", False),
    "what a property alters": (
        "self.a = a",
        "@property\n    def a(self):\n        return self.k\n\n    @a.setter\n"
        "    def a(self, k):\n        self.k = k / 2",
        False,
    ),
    "what a decorator has made": ("self.a = a", "__init__ = halved(__init__)", False),
}


@pytest.mark.parametrize(("init", "more", "keeps"), OBJECTS.values(), ids=OBJECTS)
def test_an_object_keeps(load: Any, init: str, more: str, keeps: bool) -> None:
    module = load(
        "import numpy as np\n\n\ndef halved(f):\n    def g(self, a, b):\n"
        "        f(self, a / 2, b)\n    return g\n\n\n"
        f"class F:\n    def __init__(self, a, b):\n        {init}\n\n    {more}\n"
    )
    assert keeps_arguments(module.F, [module.F]) is keeps


@pytest.mark.parametrize(
    ("call", "keeps"), [("a, b", True), ("b=b, a=a", True), ("b, a", False), ("a / 2, b", False)]
)
def test_a_parent_is_given_the_same(load: Any, call: str, keeps: bool) -> None:
    module = load(
        "class E:\n    def __init__(self, a, b):\n        self.a, self.b = 0, 0\n\n\n"
        f"class F(E):\n    def __init__(self, a, b):\n        super().__init__({call})\n"
    )
    assert keeps_arguments(module.F, [module.F]) is keeps


def test_a_method_may_hand_on_its_arguments_as_they_are(load: Any) -> None:
    text = "class F:\n    def step(self, x):\n        return x\n\n    def take(self, x):\n"
    for call, plain in {"self.step(x)": True, "self.step(2 * x)": False}.items():
        kind = load(f"{text}        return {call}\n").F
        driven = Driven(kind, "step", (), "self", lambda file: "driven_" in file)
        assert driven.is_plain([kind.take.__code__]) is plain
        assert function_of(kind.take.__code__) is not None


OURS = """
import functools

from labml_nn_optim.adam import Adam
from labml_nn_optim.generic import GenericAdaptiveOptimizer


class Plain(GenericAdaptiveOptimizer):
    def at_step(self, group, t):
        return super().at_step(group, t)

    def step_param(self, state, group, grad, param):
        param.sub_(grad)


class Steps(Plain):
    def step(self, closure=None):
        super().step()
        super().step()


class Twice(Plain):
    def _update(self):
        super()._update()
        super()._update()


class Halves(Plain):
    def __init__(self, params, lr=0.1):
        super().__init__(params, lr / 2)


class Adds(Adam):
    def add_param_group(self, group):
        super().add_param_group({"params": group["params"]})


class Wraps(Adam):
    @functools.wraps(Adam.step)
    def step(self, closure=None):
        pass


class Stranger:
    def at_step(self, group, t):
        return group
"""


def test_only_what_changes_hooks_alone_steps_as_ours(load: Any) -> None:
    module = load(OURS)
    assert steps_as_ours(module.Adam)
    assert steps_as_ours(module.Plain)
    others = (
        module.Steps,
        module.Twice,
        module.Halves,
        module.Adds,
        module.Wraps,
        module.Stranger,
    )
    assert not any(map(steps_as_ours, others))


def test_what_torch_puts_around_the_step_of_a_class_changes_nothing(load: Any) -> None:
    module = load(OURS)
    around = torch.optim.Optimizer.profile_hook_step
    module.Plain.step = around(module.Plain.step)
    assert steps_as_ours(module.Plain)
    module.Steps.step = around(module.Steps.step)
    assert not steps_as_ours(module.Steps)


@pytest.mark.parametrize(
    ("settings", "keeps"),
    [
        ('{"mu": mu}', True),
        ("dict(mu=mu)", True),
        ('{"mu": 1 - mu}', False),
        ('{"mu": nu, "nu": mu}', False),
        ('{"mu": mu, **nu}', False),
    ],
)
def test_our_constructor_is_given_settings_under_their_names(
    load: Any, settings: str, keeps: bool
) -> None:
    module = load(
        "from labml_nn_optim.generic import GenericAdaptiveOptimizer\n\n\n"
        "class F(GenericAdaptiveOptimizer):\n    def __init__(self, params, lr, mu, nu):\n"
        f"        super().__init__(params, lr, defaults={settings})\n"
    )
    assert keeps_arguments(module.F, [module.F]) is keeps
