"""
# Straight to the compiled code

What `torch.compile` returns looks at all its arguments before each call: are they still of the kind
that the code was compiled for? For a short row that takes longer than the update.
[Rows](rows.py) are of one kind by the way they are made, and refuse what has changed its size. So
here the question is not asked again. The compiled code is caught on its way out of the compiler,
and called directly.

The compiler also chooses the order of the arguments. Nobody promises which, so it is watched once.
Where it cannot be made out, and on a GPU, what `torch.compile` returned is called after all.

And before it compiles, it tries out which instructions the processor has. That takes a second, and
can be skipped.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from torch import Tensor
from torch.autograd.graph import increment_version


class Shortcut:
    """
    ## The compiled code of one kernel, without the checks before it

    * `code` is the compiled code; it takes one list of arguments, and empties it
    * `seen` are the arguments that the first call passed to it
    * `order` says what each of them is: a place among ours, or the number of lines
    """

    def __init__(self) -> None:
        self.code: Callable[[list[Any]], Any] | None = None
        self.seen: list[Any] = []
        self.order: list[int] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        """### Get hold of the compiled code that is called meanwhile"""
        from torch._inductor.output_code import CompiledFxGraph

        call, ours = CompiledFxGraph.__call__, threading.get_ident()

        def watched(code: CompiledFxGraph, arguments: Sequence[Any]) -> Any:
            if threading.get_ident() == ours:
                self.code, self.seen = code.current_callable, list(arguments)
            return call(code, arguments)

        CompiledFxGraph.__call__ = watched  # type: ignore[assignment, method-assign]
        try:
            yield
        finally:
            CompiledFxGraph.__call__ = call  # type: ignore[method-assign]

    def learn(self, numbers: Tensor, means: list[Tensor], grad: Tensor, param: Tensor) -> None:
        """### Recognize the arguments of the first call among those that `code` has seen"""
        ours = [len(param), *(t.data_ptr() for t in (numbers, *means, grad, param))]
        theirs = [t.data_ptr() if isinstance(t, Tensor) else t for t in self.seen]
        if all(each in ours for each in theirs) and set(ours[1:]) <= set(theirs):
            self.order = [ours.index(each) for each in theirs]
        self.seen = []

    @property
    def is_known(self) -> bool:
        """### Whether the order of the arguments has been understood"""
        return bool(self.order)

    def __call__(self, numbers: Tensor, means: list[Tensor], grad: Tensor, param: Tensor) -> None:
        assert self.code is not None
        ours = [len(param), numbers, *means, grad, param]
        self.code([ours[i] for i in self.order])
        # Autograd must know that what it may have kept for a backward pass is no more.
        increment_version((param, *means))


@contextmanager
def trusting_the_processor() -> Iterator[None]:
    """
    ## Without a rehearsal of the processor's instructions

    The compiler would first compile and load a few small programs, to see whether the instructions
    that the processor claims to have do work. That takes as long as our own program. Should that
    not compile, it is done again with all precautions.
    """
    from torch._inductor import config, cpu_vec_isa

    def forget() -> None:
        # Other programs in this process make their own choice.
        cpu_vec_isa.valid_vec_isa_list.cache_clear()
        for kind in (cpu_vec_isa.VecAVX512, cpu_vec_isa.VecAVX512VNNI, cpu_vec_isa.VecAMX):
            kind.__bool__.cache_clear()

    check = cpu_vec_isa.VecISA.check_build
    with config.patch({"cpp.vec_isa_ok": True}):
        forget()
        cpu_vec_isa.VecISA.check_build = lambda *_: True  # type: ignore[method-assign]
        try:
            yield
        finally:
            cpu_vec_isa.VecISA.check_build = check  # type: ignore[method-assign]
            forget()
