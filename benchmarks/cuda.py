"""
Steps on a GPU, beside torch's fused Adam and a floor of copies.

    python -m benchmarks.cuda --to speed-cuda.json
    python -m benchmarks.cuda --quick    # a rehearsal: tiny tensors, on a CPU if need be

A step is timed by events on the GPU's own clock, launches included; and, recorded into a CUDA
graph, once more without Python. All take turns, and a ratio is that of two times from one round.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from typing import Any

import torch
from torch import Tensor

from benchmarks.machine import describe
from benchmarks.workloads import FULL, QUICK, Workload, growing
from labml_nn_optim import AdaBelief, Adam

Act = Callable[[], Any]
REFERENCE = "torch Adam, fused"
SETTINGS: dict[str, Any] = {"lr": 1e-3, "betas": (0.9, 0.999)}
SUBJECTS: dict[str, Callable[..., Any]] = {
    REFERENCE: lambda params, **how: torch.optim.Adam(params, fused=True, **SETTINGS, **how),
    "our Adam, fused": lambda params, **how: Adam(params, fused=True, **SETTINGS, **how),
    "our AdaBelief, fused": lambda params, **how: AdaBelief(params, fused=True, **SETTINGS, **how),
    "our AdaBelief, fused, bfloat16 means": lambda params, **how: AdaBelief(
        params, fused=True, state_dtype=torch.bfloat16, **SETTINGS, **how
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cuda", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny tensors: does everything work?")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--to", type=Path, help="file to write to")
    arguments = parser.parse_args()
    if not torch.cuda.is_available() and not arguments.quick:
        sys.exit("there is no GPU that torch can use; --quick rehearses on the CPU")
    results = run(arguments.quick, arguments.rounds)
    for workload in results["workloads"]:
        for way, rows in workload["ways"].items():
            for name, row in rows.items():
                ratio, ms = row["to_reference"], row["milliseconds"]
                print(f"{workload['name']:20} {way:6} {name:38} {ratio[1]:6.3f} × {ms[1]:9.4f} ms")
    if arguments.to:
        arguments.to.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")


def run(quick: bool, rounds: int) -> dict[str, Any]:
    """Each workload, with launches and within a graph."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    about = describe(torch.get_num_threads(), "python -m benchmarks.cuda")
    about["gpu"] = torch.cuda.get_device_name() if device.type == "cuda" else None
    workloads = QUICK if quick else [*FULL, *growing(range(8, 9))]
    measured = [measure(workload, device, 3 if quick else rounds) for workload in workloads]
    return {"quick": quick, "machine": about, "workloads": measured}


def measure(workload: Workload, device: torch.device, rounds: int) -> dict[str, Any]:
    """One workload."""
    ways = {"steps": turns(workload, device)}
    if device.type == "cuda":
        ways["graph"] = {
            name: recorded(act) for name, act in turns(workload, device, capturable=True).items()
        }
    return {
        "name": workload.name,
        "tensors": len(workload.shapes),
        "parameters": workload.parameters,
        "ways": {way: compared(acts, device, rounds) for way, acts in ways.items()},
    }


def turns(workload: Workload, device: torch.device, **how: bool) -> dict[str, Act]:
    """What each subject does in its turn, warmed up until rectified steps are rectified."""
    acts: dict[str, Act] = {"memory floor": floor(workload.parameters, device)}
    grads = [torch.randn(shape, device=device) for shape in workload.shapes]
    for name, make in SUBJECTS.items():
        params = [torch.randn(shape, device=device).requires_grad_() for shape in workload.shapes]
        for param, grad in zip(params, grads, strict=True):
            param.grad = grad
        acts[name] = make(params, **how).step
        for _ in range(8):
            acts[name]()
    return acts


def floor(size: int, device: torch.device) -> Act:
    """The traffic of a step, 28 bytes for each number, and no arithmetic to speak of."""
    param, grad, mean, square = (torch.ones(size, device=device) for _ in range(4))

    def step() -> Tensor:
        param.add_(grad)
        mean.neg_()
        return square.neg_()

    return step


def recorded(act: Act) -> Act:
    """The same as a CUDA graph. A step beforehand, beside the main stream, as torch asks for."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        act()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        act()
    replay: Act = graph.replay
    return replay


def compared(acts: dict[str, Act], device: torch.device, rounds: int) -> dict[str, Any]:
    """Quartiles of milliseconds, and of ratios to the reference within a round."""
    samples: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(rounds):
        for name in random.sample([*acts], len(acts)):
            samples[name].append(timed(acts[name], device))
    return {
        name: {
            "milliseconds": quantiles(values, n=4),
            "to_reference": quantiles(
                (a / b for a, b in zip(values, samples[REFERENCE], strict=True)), n=4
            ),
        }
        for name, values in samples.items()
    }


def timed(act: Act, device: torch.device) -> float:
    """Milliseconds of one turn, from an idle device until it is idle again."""
    if device.type != "cuda":
        begin = time.perf_counter()
        act()
        return 1e3 * (time.perf_counter() - begin)
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    start.record()
    act()
    end.record()
    torch.cuda.synchronize()
    elapsed: float = start.elapsed_time(end)
    return elapsed


if __name__ == "__main__":
    main()
