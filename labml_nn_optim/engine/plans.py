"""
# Lining parameters up

Which parameters of a group are updated where they lie, each as a [row](rows.py) of its own, which
share a [bucket](rows.py#Bucket), and which are left to the
[plain step](../generic.py#GenericAdaptiveOptimizer._update). That is decided once. At each later
step it only has to be seen that nothing has changed; for a model of small tensors, looking is most
of the work. So it is done by functions that go through all tensors of a group at once.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from operator import attrgetter, is_
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from labml_nn_optim.engine.layout import (
    is_as_stored,
    is_dense,
    is_distributed,
    real,
    sharing_memory,
)
from labml_nn_optim.engine.rows import ROW, Bucket, Row, Scratch, State

if TYPE_CHECKING:
    from labml_nn_optim.generic import GenericAdaptiveOptimizer

Group = dict[str, Any]

data_ptr, dtype_of = Tensor.data_ptr, attrgetter("dtype")

# A parameter below this size costs less to copy than to start the compiled code for.
SMALL = 2**15


class Plan:
    """
    ## How the parameters of one group are lined up

    Holds for as long as the same parameters have gradients and the switches stay as they are.

    * `params` are the parameters of the group that have a gradient
    * `rows` are the rows to update, and `members` the positions of their parameters, row after row
    * `plain` are the positions of those that are left over
    * `steps` counts the steps of all members, in one tensor; each one's state has a view of its
      part. `None` until the first compiled step
    """

    steps: Tensor | None = None
    _counts: list[float]
    _version: int
    _members: list[Tensor]
    _dtypes: list[torch.dtype]
    _in_place: list[Tensor]
    _memory: list[Any]
    _views: list[Tensor]
    _addresses: list[int]
    _where: list[int]

    def __init__(
        self, optimizer: "GenericAdaptiveOptimizer", group: Group, params: list[Tensor]
    ) -> None:
        self.group = group
        self.switches = switches_of(group)
        self.params = params
        self.rows: list[Row] = []
        self.members: list[int] = []
        self.plain: list[int] = []
        shared = sharing_memory(params)
        for places in line_up(params, shared, optimizer):
            members = [params[i] for i in places]
            fresh: State = {}
            example = torch.zeros((2, 3), dtype=members[0].dtype)
            optimizer.init_state(fresh, group, example)
            keys = tuple(name for name in fresh if name != "step")
            fit = all(getattr(fresh[key], "shape", None) == example.shape for key in keys)
            states = [optimizer.state[param] for param in members]
            means = [each[key] for each in (fresh, *states) for key in keys if key in each]
            if not fit or shared.intersection(places) or not can_fuse(members, means):
                self.plain.extend(places)
                continue
            kind = Row if len(members) == 1 and not is_small(members[0]) else Bucket
            self.rows.append(kind(members, states, keys, len(self.members)))
            self.members.extend(places)
        self.states: list[State] = [state for row in self.rows for state in row.states]

    def owns(self, state: dict[Tensor, State]) -> bool:
        """### Whether the members still have the memory that they had"""
        members = (self.params[i] for i in self.members)
        return all(map(is_, map(state.get, members), self.states))

    def fits(self, group: Group, params: list[Tensor]) -> bool:
        """
        ### Whether nothing has changed since the plan was made

        Until the first compiled step, nobody looks after what may change; so the plan is made anew.
        """
        return (
            len(params) == len(self.params)
            and all(map(is_, params, self.params))
            and self.switches == switches_of(group)
            and (self._has_not_moved() if self.steps is not None else not self.rows)
        )

    def _has_not_moved(self) -> bool:
        """### Whether all memory is where it was; a parameter that has moved is found again"""
        memory = [*chain.from_iterable(map(dict.values, self.states))]
        if len(memory) != len(self._memory) or not all(map(is_, memory, self._memory)):
            return False
        if [*map(data_ptr, self._views)] != self._addresses:
            return False
        where = [*map(data_ptr, self._members)]
        if where != self._where or not all(map(Tensor.is_contiguous, self._in_place)):
            self._where = where
            if sharing_memory(self.params) or not all(row.find() for row in self.rows):
                return False
            if [*map(dtype_of, self._members)] != self._dtypes:
                return False
        assert self.steps is not None
        if self.group["capturable"] and self.steps._version == self._version:
            return True  # to look at the counts would be to wait, and nobody else has changed them
        self._counts = self.steps.tolist()
        return min(self._counts) == max(self._counts) or all(map(self._is_in_step, self.rows))

    def _is_in_step(self, row: Row) -> bool:
        return len(set(self._counts[row.start : row.stop])) == 1

    def next_steps(self) -> list[float]:
        """### The number t of the next step of each row"""
        if self.steps is None:
            taken = [float(row.states[0].get("step", 0)) for row in self.rows]
        else:
            taken = [self._counts[row.start] for row in self.rows]
        # t = 1 is the first.
        return [steps + 1 for steps in taken]

    def counted(self, row: Row) -> Tensor:
        """### The number t of the next step of a row, as a tensor that is beside it"""
        if self.steps is None:
            taken = torch.as_tensor(row.states[0].get("step", 0.0), device=row.kind[1])
        else:
            taken = self.steps[row.start]
        # t = 1 is the first.
        return taken + 1

    def left_over(self, ready: Sequence[Any]) -> list[int]:
        """### The positions of the parameters that no compiled rule is ready for"""
        if all(ready):
            return self.plain
        waiting = zip(self.rows, ready, strict=True)
        undone = [self.members[row.start : row.stop] for row, chosen in waiting if not chosen]
        return sorted(chain(self.plain, *undone))

    def counters(self, ready: Sequence[Any]) -> list[Tensor]:
        """### The step counts of the rows that a compiled rule is ready for"""
        assert self.steps is not None
        if all(ready):
            return [self.steps]
        rows = zip(self.rows, ready, strict=True)
        return [self.steps[row.start : row.stop] for row, chosen in rows if chosen]

    def expect(self, ready: Sequence[Any]) -> None:
        """### How often the counts will have been written to, by the end of this step"""
        if self.steps is not None and self.group["capturable"]:
            waiting = zip(self.rows, ready, strict=True)
            plain_steps = sum(len(row.params) for row, chosen in waiting if not chosen)
            self._version = self.steps._version + plain_steps

    def prepare(self, optimizer: "GenericAdaptiveOptimizer", scratch: Scratch) -> None:
        """### Before the first compiled step: make the memory that is missing, and line it up"""
        if self.steps is not None:
            return
        members = [self.params[i] for i in self.members]
        for row in self.rows:
            for param, state in zip(row.params, row.states, strict=True):
                optimizer.init_state(state, self.group, param)
                refuse_if_changed(
                    [state[key].shape for key in row.keys], [param.shape] * len(row.keys)
                )
        # What outlives this step must not be made for inference only.
        with torch.inference_mode(False), torch.no_grad():
            self._line_up(scratch)
        self._members = members
        self._dtypes = [*map(dtype_of, members)]
        self._in_place = [tensor for row in self.rows for tensor in row.in_place]
        self._memory = [*chain.from_iterable(map(dict.values, self.states))]
        # Of all others in a bucket, one running mean: for hundreds of them, looking takes long.
        self._views = []
        for row in self.rows:
            self._views += [row.states[0][key] for key in ("step", *row.keys)]
            self._views += [state[key] for state in row.states[1:] for key in row.keys[:1]]
        self._addresses = [*map(data_ptr, self._views)]
        self._where = [*map(data_ptr, members)]
        self._means = [mean for row in self.rows for mean in row.means]
        self._shapes = [*map(Tensor.size, members)]
        self._sizes = [*map(Tensor.numel, members + self._means)]

    def _line_up(self, scratch: Scratch) -> None:
        """### Move the memory of all members to where it stays"""
        self.steps = torch.stack([state["step"].reshape(()) for state in self.states])
        self._counts = self.steps.tolist()
        self._step_views = self.steps.unbind()
        for state, view in zip(self.states, self._step_views, strict=True):
            state["step"] = view
        for row in self.rows:
            row.prepare(scratch)

    def takes(self, grads: list[Tensor]) -> list[bool]:
        """### Whether the gradients of each row are of a type that its compiled rule takes"""
        kinds = {*map(dtype_of, grads)}
        if self.steps is not None and len(kinds) == 1 and kinds == {*self._dtypes}:
            return [True] * len(self.rows)
        types = [grads[i].dtype for i in self.members]
        return [row.takes(types[row.start : row.stop]) for row in self.rows]

    def check(self, grads: list[Tensor]) -> None:
        """
        ### Refuse what does not fit together, before anything moves

        Compiled code does not look at sizes: it would write past the end of the shorter tensor.
        """
        refuse_if_changed([*map(Tensor.size, self._members)], self._shapes)
        refuse_if_changed([*map(Tensor.numel, chain(grads, self._means))], self._sizes)

    def dissolve(self) -> None:
        """### Give all parameters memory of their own again"""
        if self.steps is None:
            return
        with torch.inference_mode(False), torch.no_grad():
            for row in self.rows:
                row.dissolve()
            for state, view in zip(self.states, self._step_views, strict=True):
                if state.get("step") is view:
                    state["step"] = view.clone()


def refuse_if_changed(found: list[Any], expected: list[Any]) -> None:
    """## Raise `RuntimeError` if a size is not the one that is expected"""
    if found != expected:
        now, once = next(pair for pair in zip(found, expected, strict=True) if pair[0] != pair[1])
        raise RuntimeError(
            f"a parameter, its gradient or its running means have changed size: now {now}, once "
            f"{once}. Make a new optimizer after replacing a parameter's data"
        )


def switches_of(group: Group) -> list[tuple[str, Any]]:
    """## What a plan depends on"""
    return [item for item in group.items() if item[1] is None or isinstance(item[1], bool)]


def line_up(
    params: list[Tensor], shared: set[int], optimizer: "GenericAdaptiveOptimizer"
) -> Iterator[list[int]]:
    """
    ## The positions of the parameters of each row

    Those of one bucket share their type, their device and their number of steps, and fill about
    `ROW` numbers. Buckets come first: what the checks have just looked at is still in the cache.
    """
    buckets: dict[Any, list[int]] = {}
    alone: list[int] = []
    for i, param in enumerate(params):
        if i in shared or not is_small(param):
            alone.append(i)
            continue
        key = (param.dtype, param.device, float(optimizer.state[param].get("step", 0)))
        bucket = buckets.setdefault(key, [])
        if bucket and sum(params[j].numel() for j in bucket) + param.numel() > ROW:
            yield bucket
            bucket = buckets[key] = []
        bucket.append(i)
    yield from buckets.values()
    yield from ([i] for i in alone)


def is_small(param: Tensor) -> bool:
    """## Whether a parameter is better copied into a bucket, for its size or its gaps"""
    if type(param) not in (Tensor, torch.nn.Parameter) or param.is_complex():
        return False
    return param.numel() < SMALL or not is_dense(param)


def can_fuse(params: list[Tensor], means: list[Tensor]) -> bool:
    """## Whether the parameters of a row, and their running means, can be updated as one"""
    wide = torch.promote_types(params[0].dtype, torch.float32)
    if any(getattr(mean, "dtype", None) != wide for mean in means):
        return False
    if not all(map(is_as_stored, (*params, *means))):
        return False
    known = type(params[0]) in (Tensor, torch.nn.Parameter) or is_distributed(params[0])
    if not known or params[0].device.type not in ("cpu", "cuda"):
        return False
    if is_small(params[0]):
        return sum(param.numel() for param in params) > 1
    numbers = real(params[0])
    return numbers.numel() > 1 and is_dense(numbers)
