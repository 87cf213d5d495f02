import torch
from source.momentum import Momentum


def configurations():
    for lr in (0.5, 0.3):
        for momentum in (0.6, 0.8):
            yield Momentum, {"lr": lr, "momentum": momentum}


def run(cls, arguments, count):
    random = torch.Generator().manual_seed(0)
    shapes = [(4,), (2, 3)]
    params = [torch.randn(shape, generator=random, dtype=torch.float64) for shape in shapes]
    optimizer = cls(params, **arguments)
    for step in range(12):
        for param in params[: 1 + step // 3]:  # the second one joins late
            param.grad = torch.randn(param.shape, generator=random, dtype=torch.float64)
            count(param)
        optimizer.step()
