"""Run the example of the page on many machines, with one process killed at a chosen moment."""

import os
import runpy
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch.distributed.checkpoint import FileSystemWriter

from labml_nn_optim import AdaBelief

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "many_machines.py"

# Who is killed, on entry to which call: of what, and the how manieth. Checkpoints are due every
# twenty steps, and each death comes while there is one. Torch renames a file per checkpoint too.
DEATHS: dict[str, tuple[int, type, str, int]] = {
    "between two checkpoints": (1, AdaBelief, "step", 33),
    "while a checkpoint is written": (1, FileSystemWriter, "write_data", 2),
    "before its table of contents": (0, FileSystemWriter, "finish", 2),
    "before it gets its name": (0, type(Path()), "rename", 4),
}


def run_example(folder: Path, death: str | None = None, source: Path = EXAMPLE) -> None:
    if death is not None:
        rank, owner, name, call = DEATHS[death]
        if int(os.environ["RANK"]) == rank:
            setattr(owner, name, _killing_at(call, getattr(owner, name), folder))
    sys.argv = [str(source), str(folder)]
    runpy.run_path(str(source), run_name="__main__")


def _killing_at(last: int, function: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    calls = 0

    def replacement(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == last:
            if function.__name__ == "write_data":
                (folder / "unfinished" / "__1_0.distcp").write_bytes(b"the first few")
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)

    return replacement


if __name__ == "__main__":
    # torchrun starts all processes again after a death; only the first time is one killed.
    first = os.environ["TORCHELASTIC_RESTART_COUNT"] == "0"
    run_example(Path(sys.argv[1]), "between two checkpoints" if first else None)
