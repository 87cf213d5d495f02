"""
# Long rows of numbers

An elementwise update does not care for shapes: a parameter is as good as the row of its numbers.
[Compiled](compiling.py), the update of a row runs as fast as memory delivers. Then what is left to
save is the cost of starting it, which is the same however short the row. So a
large parameter is updated where it lies, and small ones are lined up in a *bucket* first.

A bucket keeps the running means of its members in one long row for good; each member's state is a
view of its part. Parameters and gradients belong to the model. They are copied into a row before
the update, and the parameters back after it. That row is short enough to stay in the processor's
cache.
"""

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from labml_nn_optim.compiling import LINE, Kernel
from labml_nn_optim.layout import is_plain, matching, real, row_of

if TYPE_CHECKING:
    from labml_nn_optim.generic import GenericAdaptiveOptimizer

State = dict[str, Any]
Group = dict[str, Any]

# The length of a bucket's row: its parameters and gradients fit in a processor's cache.
ROW = 2**18


class Scratch:
    """
    ## Room for the parameters and gradients of a bucket

    One row of each kind serves all buckets of an optimizer, one after the other.
    """

    def __init__(self) -> None:
        self._rows: dict[tuple[str, torch.dtype, torch.device], Tensor] = {}

    def __call__(self, name: str, like: Tensor, size: int) -> Tensor:
        """### The first `size` numbers of the row called `name`"""
        key = (name, like.dtype, like.device)
        if key not in self._rows or self._rows[key].numel() < size:
            self._rows[key] = torch.empty(max(size, ROW), dtype=like.dtype, device=like.device)
        return self._rows[key][:size]


class Row:
    """
    ## One parameter, updated where it lies

    * `params` and `states` are the parameters of the row and their memory: here one of each
    * `keys` are the names of the running means
    * `line` is the number of columns that the row is folded into
    * `counter` counts the steps
    """

    def __init__(
        self, params: list[Tensor], states: list[State], keys: tuple[str, ...], group: Group
    ) -> None:
        self.params, self.states, self.keys, self.group = params, states, keys, group
        self.size = params[0].numel()
        size = real(params[0]).numel()
        self.line = LINE if size % LINE == 0 and size > LINE else 1
        self._folded: tuple[Any, Tensor, list[Tensor]] | None = None

    def steps_taken(self) -> float:
        """### How many steps its parameters have taken"""
        return float(self.states[0].get("step", 0))

    def is_current(self, state: dict[Tensor, State]) -> bool:
        """### Whether this is still the memory of its parameters, all at the same step"""
        return all(state.get(p) is s for p, s in zip(self.params, self.states, strict=True))

    def prepare(self, optimizer: "GenericAdaptiveOptimizer", scratch: Scratch) -> None:
        """### Make the memory that is missing"""
        for state, param in zip(self.states, self.params, strict=True):
            optimizer.init_state(state, self.group, param)

    def dissolve(self) -> None:
        """### Give each parameter memory of its own"""

    def check(self, grads: list[Tensor]) -> None:
        """
        ### Refuse what does not fit together, before anything moves

        Compiled code does not look at sizes: it would write past the end of the shorter tensor.
        """
        means = [self.states[0][key] for key in self.keys]
        sizes = [tensor.numel() for tensor in (self.params[0], *grads, *means)]
        if sizes != [self.size] * len(sizes):
            self._refuse(sizes)

    def _refuse(self, sizes: list[int]) -> None:
        raise RuntimeError(
            f"a parameter, its gradient or its running means have changed size: {sizes}, once "
            f"{self.size}. Make a new optimizer after replacing a parameter's data"
        )

    @property
    def counter(self) -> Tensor:
        step: Tensor = self.states[0]["step"]
        return step

    def run(self, kernel: Kernel, numbers: Tensor, grads: list[Tensor]) -> None:
        """### Take one step"""
        means = [self.states[0][key] for key in self.keys]
        if all(is_plain(tensor) for tensor in (self.params[0], *means, *grads)):
            param, rows = self._fold(means)
            kernel(numbers, rows, grads[0].view(-1, self.line), param)
            return
        param = real(self.params[0])
        means = [real(mean) for mean in means]
        aligned = [matching(mean, param) for mean in means]
        grad = row_of(matching(real(grads[0]), param))
        lines = [row_of(mean).view(-1, self.line) for mean in aligned]
        kernel(numbers, lines, grad.view(-1, self.line), row_of(param).view(-1, self.line))
        for mean, moved in zip(means, aligned, strict=True):
            if moved is not mean:
                mean.copy_(moved)

    def _fold(self, means: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """### The parameter and its means in lines, made anew when they have moved"""
        where = [tensor.data_ptr() for tensor in (*self.params, *means)]
        if self._folded is None or self._folded[0] != where:
            param, *rows = (t.detach().view(-1, self.line) for t in (*self.params, *means))
            self._folded = (where, param, rows)
        return self._folded[1:]


class Bucket(Row):
    """
    ## Small parameters, lined up

    * `steps` is the row of their step counts
    * `views` are the parts of the rows that belong to each parameter, under the names of its state
    """

    line = LINE
    steps: Tensor | None = None

    def __init__(
        self, params: list[Tensor], states: list[State], keys: tuple[str, ...], group: Group
    ) -> None:
        self.params, self.states, self.keys, self.group = params, states, keys, group
        self.sizes = [param.numel() for param in params]
        self.size = sum(self.sizes)
        # Whole lines, and never just one: of a single one the compiler makes a case of its own.
        self.length = max(2, -(-self.size // LINE)) * LINE

    def steps_taken(self) -> float:
        return super().steps_taken() if self.steps is None else float(self.steps[0])

    def is_current(self, state: dict[Tensor, State]) -> bool:
        if not super().is_current(state) or self.steps is None:
            return super().is_current(state)
        own = all(
            member.get(key) is view
            for key, views in self.views.items()
            for member, view in zip(self.states, views, strict=True)
        )
        return own and len(set(self.steps.tolist())) == 1

    def prepare(self, optimizer: "GenericAdaptiveOptimizer", scratch: Scratch) -> None:
        """### Move the memory of all members into rows"""
        if self.steps is not None:
            return
        super().prepare(optimizer, scratch)
        like = self.params[0]
        self.param, self.grad = (scratch(name, like, self.length) for name in ("param", "grad"))
        self.param_views, self.grad_views = self._cut(self.param), self._cut(self.grad)
        wide = torch.promote_types(like.dtype, torch.float32)
        means = {key: torch.zeros(self.length, dtype=wide, device=like.device) for key in self.keys}
        self.views = {key: self._cut(mean) for key, mean in means.items()}
        self.lines = [mean.view(-1, LINE) for mean in means.values()]
        for key, views in self.views.items():
            torch._foreach_copy_(views, [state[key] for state in self.states])
        self.steps = torch.stack([state["step"] for state in self.states])
        self.views["step"] = list(self.steps.unbind())
        for key, views in self.views.items():
            for state, view in zip(self.states, views, strict=True):
                state[key] = view

    def _cut(self, row: Tensor) -> list[Tensor]:
        """### Each parameter's part of a row, in its shape"""
        parts = torch.split(row[: self.size], self.sizes)
        return [p.view(param.shape) for p, param in zip(parts, self.params, strict=True)]

    def dissolve(self) -> None:
        if self.steps is not None:
            for key, views in self.views.items():
                for state, view in zip(self.states, views, strict=True):
                    if state.get(key) is view:
                        state[key] = view.clone()

    def check(self, grads: list[Tensor]) -> None:
        for tensors in (self.params, grads):
            sizes = [tensor.numel() for tensor in tensors]
            if sizes != self.sizes:
                self._refuse(sizes)

    @property
    def counter(self) -> Tensor:
        assert self.steps is not None
        return self.steps

    def run(self, kernel: Kernel, numbers: Tensor, grads: list[Tensor]) -> None:
        torch._foreach_copy_(self.grad_views, grads)
        torch._foreach_copy_(self.param_views, self.params)
        kernel(numbers, self.lines, self.grad.view(-1, LINE), self.param.view(-1, LINE))
        torch._foreach_copy_(self.params, self.param_views)
