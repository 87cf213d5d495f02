"""
# Tensors in the place of numbers

An update rule is written with Python numbers: `value=-step_size`. A compiled step, or one that a
graph replays, has them in tensors, since they are other numbers at each step. The rule stays as it
is written; what it asks of torch is translated on the way.
"""

from collections.abc import Callable, Iterable
from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode


class AsNumbers(TorchFunctionMode):
    """
    ## Let tensors stand for numbers

    Some operations take a factor as a Python number only. With a tensor they are spelled out.

    A comparison with zero is answered without a look: no tensor here counts as zero. A Python
    number that is zero is a constant of the compiled code, and is not among them. A tensor that
    happens to be zero is computed with like any other.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func in (Tensor.__eq__, Tensor.eq, Tensor.__ne__, Tensor.ne) and _asks_for_zero(*args):
            return func in (Tensor.__ne__, Tensor.ne)
        factor = kwargs.get("value", kwargs.get("alpha"))
        if isinstance(factor, Tensor):
            return _SPELLED_OUT[func](*args, _settled(factor, args[0]))
        if args and isinstance(args[0], Tensor) and args[0].dim() > 0:
            args = tuple(_settled(arg, args[0]) for arg in args)
        if func is Tensor.lerp_ and isinstance(args[2], Tensor):
            return args[0].add_(args[2] * (args[1] - args[0]))
        return func(*args, **kwargs)


def _asks_for_zero(number: Any, other: Any) -> bool:
    """## Whether a tensor that stands for a number is compared with zero"""
    alone = isinstance(number, Tensor) and number.dim() == 0
    return alone and not isinstance(other, Tensor) and bool(other == 0)


def _settled(number: Any, row: Tensor) -> Any:
    """
    ## A number that is computed once, before the row is walked through

    Otherwise the compiler would compute it anew for every few elements. It takes the precision of
    the row, as Python numbers do.
    """
    if not isinstance(number, Tensor) or number.dim() > 0:
        return number
    # A strided view needs memory to look at, so the compiler has to store the number.
    return number.to(row.dtype).as_strided((), ())


_SPELLED_OUT: dict[Callable[..., Any], Callable[..., Tensor]] = {
    Tensor.add: lambda x, y, alpha: x + alpha * y,
    Tensor.add_: lambda x, y, alpha: x.add_(alpha * y),
    Tensor.sub: lambda x, y, alpha: x - alpha * y,
    Tensor.sub_: lambda x, y, alpha: x.sub_(alpha * y),
    Tensor.addcmul: lambda x, y, z, value: x + value * (y * z),
    Tensor.addcmul_: lambda x, y, z, value: x.add_(value * (y * z)),
    Tensor.addcdiv: lambda x, y, z, value: x + value * (y / z),
    Tensor.addcdiv_: lambda x, y, z, value: x.add_(value * (y / z)),
}
