"""
# Tensors in the place of numbers

An update rule is written with Python numbers: `value=-step_size`. A step that is
[traced](tracing.py), or one that a [graph replays](capturing.py), has them in tensors, since they
are other numbers at each step. The rule stays as it is written; what it asks of torch is translated
on the way.
"""

from collections.abc import Callable, Iterable
from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode


class AsNumbers(TorchFunctionMode):
    """
    ## Let tensors stand for numbers

    Some operations take a factor as a Python number only. With a tensor they are spelled out, in
    the order in which torch's own kernels compute them.

    A comparison with zero is answered without a look: no tensor here counts as zero. A Python
    number that is zero is a constant of the traced code, and is not among them. A tensor that
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
        for name, given in kwargs.items():
            if name in ("value", "alpha") and isinstance(given, Tensor):
                return self.scaled(func, args, name, given)
        if func.__name__ in ("lerp", "lerp_") and isinstance(args[2], Tensor) and not args[2].dim():
            return self.scaled(func, args[:2], "weight", args[2])
        return func(*args, **kwargs)

    def scaled(
        self, func: Callable[..., Any], args: tuple[Any, ...], name: str, factor: Tensor
    ) -> Any:
        """### An operation whose argument `name` is a number in a tensor"""
        spelled_out = _SPELLED_OUT[func.__name__.rstrip("_")](*args, factor.to(args[0].dtype))
        return args[0].copy_(spelled_out) if func.__name__.endswith("_") else spelled_out


def _asks_for_zero(number: Any, other: Any) -> bool:
    """## Whether a tensor that stands for a number is compared with zero"""
    alone = isinstance(number, Tensor) and number.dim() == 0
    return alone and not isinstance(other, Tensor) and bool(other == 0)


_SPELLED_OUT: dict[str, Callable[..., Tensor]] = {
    "add": lambda x, y, alpha: x + alpha * y,
    "sub": lambda x, y, alpha: x - alpha * y,
    "addcmul": lambda x, y, z, value: x + value * y * z,
    "addcdiv": lambda x, y, z, value: x + value * y / z,
    "lerp": lambda x, y, weight: x + weight * (y - x),
}
