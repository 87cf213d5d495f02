"""On what, with what, and when."""

import ctypes
import os
import platform
import subprocess
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ["adabelief-pytorch", "heavyball", "labml-nn", "pytorch_optimizer", "timm", "torch"]


M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h


def keep_freed_memory() -> bool:
    """
    Let the C library keep what is freed, as it does in a process that has trained for a while.

    Otherwise it is a matter of luck whether the temporaries of a step are given back to the system
    and cleared again at the next, which takes as long as the step. In two runs alike, torch's
    for-loop took 21 and 44 ms on ResNet-34. What is larger than 32 MiB may be
    given back all the same.

    Returns whether there is a C library that can be told.
    """
    tell = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if tell is None:
        return False
    return bool(tell(M_MMAP_THRESHOLD, 2**25) and tell(M_TRIM_THRESHOLD, 2**30))


def describe(threads: int, command: str) -> dict[str, Any]:
    """The machine in general terms: nothing that says whose it is."""
    return {
        "cpu": cpu(),
        "cores": os.cpu_count(),
        "threads": threads,
        "memory_gib": memory(),
        "system": platform.system(),
        "python": platform.python_version(),
        "packages": {name: installed(name) for name in PACKAGES},
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "commit": commit(),
        "command": command,
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }


def cpu() -> str:
    """Its model, where the system says it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def memory() -> int | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    except (AttributeError, ValueError, OSError):
        return None


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def commit() -> str | None:
    """The commit of the checkout, marked when the optimizers differ from it."""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", "labml_nn_optim", "benchmarks")
        return git("rev-parse", "--short", "HEAD") + (" with changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return None
