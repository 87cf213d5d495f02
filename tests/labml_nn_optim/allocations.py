"""Watch the tensors that are made while something runs."""

from torch import Tensor, float32
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakIdKeyDictionary


class Allocations(TorchDispatchMode):
    """Watches which tensors an operation makes, and how many bytes are alive at once."""

    def __init__(self) -> None:
        super().__init__()
        self.alive = WeakIdKeyDictionary()
        self.peak = 0
        self.narrow = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        result = func(*args, **(kwargs or {}))
        given = {id(x.untyped_storage()) for x in tree_leaves((args, kwargs)) if _is_tensor(x)}
        for made in filter(_is_tensor, tree_leaves(result)):
            if id(made.untyped_storage()) not in given:
                self.alive[made.untyped_storage()] = made.untyped_storage().nbytes()
                self.narrow += made.dim() > 0 and made.dtype == float32
        self.peak = max(self.peak, sum(self.alive.values()))
        return result


def _is_tensor(x: object) -> bool:
    return isinstance(x, Tensor)
