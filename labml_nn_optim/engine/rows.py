"""
# Long rows of numbers

An elementwise update does not care for shapes: a parameter is as good as the row of its numbers.
[Compiled](compiling.py), the update of a long row runs about as fast as memory delivers. Then what
is left to save is the cost of starting it, which is the same however short the row. So a large
parameter is updated where it lies, and small ones are lined up in a *bucket* first.

A bucket keeps the running means of its members in one long row for good; each member's state is a
view of its part. Parameters and gradients belong to the model. They are copied into a row before
the update, and the parameters back after it. That row is short enough to stay in the processor's
cache.
"""

from typing import Any

import torch
from torch import Tensor

from labml_nn_optim.engine.compiling import LINE, Kernel
from labml_nn_optim.engine.layout import is_as_stored, is_dense, is_plain, matching, real, row_of

State = dict[str, Any]

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
    * `start` and `stop` are its place among all that are lined up in one plan
    * `line` is the number of columns that the row is folded into
    * `kind` is what all parameters of a row have in common; one program serves rows of one kind
    * `means` are its running means, and `in_place` those and the parameter, unless some of them
      lie in an unusual way
    """

    _lines: list[Tensor] | None = None

    def __init__(
        self, params: list[Tensor], states: list[State], keys: tuple[str, ...], start: int
    ) -> None:
        self.params, self.states, self.keys = params, states, keys
        self.start, self.stop = start, start + len(params)
        self.kind = self._kind()
        self.line = self.kind[-1]
        self.means: list[Tensor] = []
        self.in_place: list[Tensor] = []

    def _kind(self) -> tuple[torch.dtype, torch.device, int]:
        numbers = real(self.params[0])
        size = numbers.numel()
        return numbers.dtype, numbers.device, LINE if size % LINE == 0 and size > LINE else 1

    def prepare(self, scratch: Scratch) -> None:
        """### Once, when all members have their memory"""
        self.means = [self.states[0][key] for key in self.keys]
        if all(map(is_plain, (self.params[0], *self.means))):
            self.in_place = [self.params[0], *self.means]
        self.find()

    def find(self) -> bool:
        """### Where the tensors lie, in lines; whether the row is still of its kind"""
        param = self.params[0]
        if self._kind() != self.kind or not is_as_stored(param) or not is_dense(real(param)):
            return False
        sizes = {tensor.numel() for tensor in self.in_place}
        self._lines = None
        if len(sizes) == 1 and all(map(is_plain, self.in_place)):
            self._lines = [tensor.detach().view(-1, self.line) for tensor in self.in_place]
        return True

    def takes(self, types: list[torch.dtype]) -> bool:
        """### Whether gradients of these types are of the parameter's; they need not be"""
        return all(each is self.params[0].dtype for each in types)

    def dissolve(self) -> None:
        """### Give each parameter memory of its own; here it has that"""

    def run(self, kernel: Kernel, numbers: Tensor, grads: list[Tensor]) -> None:
        """### Take one step"""
        if self._lines is None or not is_plain(grads[0]):
            self._run_as_it_lies(kernel, numbers, grads[0])
        else:
            param, *means = self._lines
            kernel(numbers, means, grads[0].view(-1, self.line), param)

    def _run_as_it_lies(self, kernel: Kernel, numbers: Tensor, grad: Tensor) -> None:
        """### Take one step with tensors of any layout"""
        param = real(self.params[0])
        means = [real(mean) for mean in self.means]
        aligned = [matching(mean, param) for mean in means]
        line = [row_of(matching(real(grad), param)), row_of(param), *map(row_of, aligned)]
        grad, param, *lines = (row.view(-1, self.line) for row in line)
        kernel(numbers, lines, grad, param)
        for mean, moved in zip(means, aligned, strict=True):
            if moved is not mean:
                mean.copy_(moved)


class Bucket(Row):
    """
    ## Small parameters, lined up

    * `views` are the parts of the rows that belong to each parameter, under the names of its state
    """

    def _kind(self) -> tuple[torch.dtype, torch.device, int]:
        return self.params[0].dtype, self.params[0].device, LINE

    def prepare(self, scratch: Scratch) -> None:
        """### Move the memory of all members into rows"""
        like = self.params[0]
        self.sizes = [param.numel() for param in self.params]
        # Whole lines, and never just one: of a single one the compiler makes a case of its own.
        length = max(2, -(-sum(self.sizes) // LINE)) * LINE
        self._param, self._grad = (scratch(name, like, length) for name in ("param", "grad"))
        self._param_views, self._grad_views = self._cut(self._param), self._cut(self._grad)
        self._param, self._grad = (row.view(-1, LINE) for row in (self._param, self._grad))
        wide = torch.promote_types(like.dtype, torch.float32)
        means = {key: torch.zeros(length, dtype=wide, device=like.device) for key in self.keys}
        self.views = {key: self._cut(mean) for key, mean in means.items()}
        self._means = [mean.view(-1, LINE) for mean in means.values()]
        for key, views in self.views.items():
            torch._foreach_copy_(views, [state[key] for state in self.states])
            for state, view in zip(self.states, views, strict=True):
                state[key] = view

    def find(self) -> bool:
        """### Parameters are copied from wherever they are, and whatever their type is"""
        return all(map(is_as_stored, self.params))

    def takes(self, types: list[torch.dtype]) -> bool:
        """### Gradients are copied; only half precision would round them"""
        return self.kind[0].itemsize > 2 or super().takes(types)

    def _cut(self, row: Tensor) -> list[Tensor]:
        """### Each parameter's part of a row, in its shape"""
        parts = torch.split(row[: sum(self.sizes)], self.sizes)
        return [p.view(param.shape) for p, param in zip(parts, self.params, strict=True)]

    def dissolve(self) -> None:
        for key, views in self.views.items():
            for state, view in zip(self.states, views, strict=True):
                if state.get(key) is view:
                    state[key] = view.clone()

    def run(self, kernel: Kernel, numbers: Tensor, grads: list[Tensor]) -> None:
        torch._foreach_copy_(self._grad_views, grads)
        torch._foreach_copy_(self._param_views, self.params)
        kernel(numbers, self._means, self._grad, self._param)
        torch._foreach_copy_(self.params, self._param_views)
