"""
# Straight to the compiled code

What `torch.compile` returns looks at all its arguments before each call: are they still of the kind
that the code was compiled for? For a short row that takes longer than the update.
[Rows](rows.py) are of one kind by the way they are made, and refuse what has changed its size. So
here the question is not asked again. The compiled code is caught on its way out of the compiler,
and called directly.

The compiler also chooses the order of the arguments. Nobody promises which, so it is watched once.
"""

from collections.abc import Callable, Sequence
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

    def backend(self, graph: Any, inputs: Sequence[Any]) -> Any:
        """### Compile as `torch.compile` does, and keep a hold of the result"""
        from torch._inductor.compile_fx import compile_fx, compile_fx_inner

        def keep(graph: Any, inputs: Sequence[Any], **options: Any) -> Any:
            code: Any = compile_fx_inner(graph, inputs, **options)

            def watched(arguments: list[Any]) -> Any:
                self.code, self.seen = code, list(arguments)
                return code(arguments)

            watched._boxed_call = True  # type: ignore[attr-defined]
            return watched

        return compile_fx(graph, inputs, inner_compile=keep)

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
