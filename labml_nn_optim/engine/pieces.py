"""
# A large tensor, piece by piece

Written out, a step walks through memory once for each operation. A small tensor stays in the
processor's cache meanwhile. One of millions of numbers does not: each walk fetches it from memory
anew, and each temporary tensor may be so large that the system clears its memory before every use.
That takes longer than the arithmetic.

So the plain step takes a large tensor in pieces: all lines on the first piece, then all lines on
the next. The lines are those on the page, and the result is the same to the last bit. That is sound
where each number goes its own way, and [the trace](tracing.py) tells. A rule that looks at a whole
tensor gets the whole tensor.
"""

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import Parameter

from labml_nn_optim.engine.programs import Recipe, split_numbers, traced
from labml_nn_optim.rule import Group, Rule, State

# Tensors of more numbers than this are cut.
LARGE = 2**21
# As many numbers of a piece are for each thread, and as many are in a piece at most. Few enough for
# the cache, with running means and temporaries; so many that starting each line costs little.
EACH, MOST = 2**18, 2**20
# A rule that takes another branch at each step would be traced at each step. It gets no more.
TRACES = 100

# What `_step_real` takes: memory, what step t knows, a gradient and a parameter
Step = tuple[State, Group, Tensor, Tensor]

_are_elementwise: dict[type[Rule], dict[Recipe, bool]] = {}


def pieces(rule: Rule, group: Group, whole: Step) -> Iterator[Step]:
    """
    ## Steps on pieces, which together are the step on the whole

    If that is not certain, the whole is the only piece.
    """
    state, at_step, grad, param = whole
    names = ["param", "grad", *(name for name in state if name != "step")]
    tensors = [param, grad, *(state[name] for name in names[2:])]
    # A complex number is a pair of real ones.
    types = {n: t.dtype.to_real() for n, t in zip(names, tensors, strict=True)}
    if not can_be_cut(param, tensors) or not is_elementwise(rule, group, at_step, types):
        yield whole
        return
    size = min(EACH * torch.get_num_threads(), MOST)
    for piece, its_grad, *memory in zip(
        *(torch.split(t.view(-1), size) for t in tensors), strict=True
    ):
        yield {**state, **dict(zip(names[2:], memory, strict=True))}, {**at_step}, its_grad, piece


def can_be_cut(param: Tensor, tensors: list[Tensor]) -> bool:
    """
    ## Whether the same place in all tensors is the same place in memory

    They lie in one order and without gaps, each in memory of its own. Subclasses of tensors are
    left whole, and so is a parameter with attributes of its own, which a rule may ask for.
    """
    if param.device.type != "cpu" or vars(param):
        return False
    for each in tensors:
        if type(each) not in (Tensor, Parameter) or each.shape != param.shape:
            return False
        if not each.is_contiguous() or each.is_complex() != param.is_complex():
            return False
    spans = sorted((each.data_ptr(), each.data_ptr() + each.nbytes) for each in tensors)
    return all(end <= begin for (_, end), (begin, _) in pairwise(spans))


def is_elementwise(rule: Rule, group: Group, at_step: Group, types: dict[str, torch.dtype]) -> bool:
    """## Whether a rule goes from number to number, with these switches and types"""
    constants, numbers, _ = split_numbers(at_step, rule.defaults, group)
    recipe = Recipe(type(rule), ((constants, numbers),), tuple(types.items()), "cpu")
    known = _are_elementwise.setdefault(type(rule), {})
    if recipe not in known and len(known) < TRACES:
        try:
            with torch.inference_mode(False), torch.no_grad():
                traced(recipe)
            known[recipe] = True
        except Exception:  # whatever a rule says to examples
            known[recipe] = False
    return known.get(recipe, False)
