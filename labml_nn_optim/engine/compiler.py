"""
# The system's C compiler

[A printed step](printing_c.py) is compiled by whatever C compiler the system has, and kept, so that
it is compiled once and not in each process. The file's name tells all that it depends on: the
source, the compiler and its options, the processor. So nothing in the folder can be out of date.

**Nobody else's code is run.** The folder belongs to the user, and to no one else: where others may
write to it, it is not used. A file is written aside and then given its name, so no process ever
sees half of one; and the name holds a digest of the content, so a damaged file is made anew. Where
nothing can be kept, the step is compiled anew in each process.
"""

import ctypes
import hashlib
import os
import platform
import shutil
import stat
import subprocess
import tempfile
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path

import torch

# Torch may count on several threads. The other options hold for any processor and change no digit:
# `sqrt` need not report errors, a product and a sum are not rounded at once unless the source says
# so, and integers that overflow begin anew. Compilers that lack an option get the next row.
OPTIONS = ["-O3", "-fPIC", "-shared", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off",
           "-fwrapv"]  # fmt: skip
CHOICES = [["-march=native", "-fopenmp"], ["-fopenmp"], ["-march=native", "-fopenmp-simd"],
           ["-fopenmp-simd"], []]  # fmt: skip
SECONDS = 60  # more than any compiler needs; one that hangs is given up


_forked: list[bool] = []
# The threads of a process do not survive its copying. Whoever asks for them in the copy waits
# forever.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _forked.append(True))


def threads() -> int:
    """## How many threads a compiled function may use"""
    return 1 if _forked else torch.get_num_threads()


class CompilerError(RuntimeError):
    """## The compiler is missing, or refuses a source"""


def library(source: str) -> ctypes.CDLL:
    """
    ## Compile C source, or find it compiled

    Raises `CompilerError` with the compiler's own words.
    """
    compiler = find_compiler()
    key = _key(source, compiler)
    if kept := _kept(key):
        return kept
    refused = []
    for options in CHOICES:
        try:
            return _compiled(source, compiler, options, key)
        except CompilerError as error:
            refused.append(error)
    raise refused[0]


def find_compiler() -> str:
    """## The path of `$CC`, or of the first C compiler that the system has"""
    for name in filter(None, (os.environ.get("CC"), "cc", "gcc", "clang")):
        if found := shutil.which(name):
            return found
    raise CompilerError("there is no C compiler (cc, gcc or clang)")


def _compiled(source: str, compiler: str, options: list[str], key: str) -> ctypes.CDLL:
    """## Compile, keep, and load"""
    with tempfile.TemporaryDirectory(prefix="labml_nn_optim-") as aside:
        made = Path(aside, "step.so")
        command = [compiler, *OPTIONS, *options, "-x", "c", "-", "-o", str(made), "-lm"]
        try:
            done = subprocess.run(
                command, input=source, capture_output=True, text=True, check=False, timeout=SECONDS
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise CompilerError(f"{compiler} did not finish: {error}") from error
        if done.returncode != 0 or not made.exists():
            raise CompilerError(f"{Path(compiler).name}: {_reason(done.stderr)}")
        keep(made.read_bytes(), key)
        try:
            return ctypes.CDLL(str(made))
        except OSError as error:
            raise CompilerError(f"what {compiler} made cannot be loaded: {error}") from error


def _reason(said: str) -> str:
    """## The line in which a compiler says what is wrong"""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next(
        (line for line in lines if "error" in line), *(lines[:1] or ["it failed, silently"])
    )


def folder() -> Path | None:
    """
    ## Where compiled steps are kept, or `None` where nothing is

    `$XDG_CACHE_HOME/labml_nn_optim`, or `~/.cache/labml_nn_optim`: made for the user alone.
    """
    try:
        root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        found = Path(root, "labml_nn_optim")
        found.mkdir(parents=True, exist_ok=True, mode=0o700)
        about = found.lstat()
    except (OSError, RuntimeError):
        return None
    mine = stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid()
    return found if mine and not about.st_mode & 0o022 else None


def keep(content: bytes, key: str) -> None:
    """## Keep a compiled step, if there is a place for it"""
    place = folder()
    if place is None:
        return
    aside = place / f"{key}-{os.getpid()}-{threading.get_ident()}"
    try:
        aside.write_bytes(content)
        aside.replace(place / f"{key}-{_digest(content)}.so")
    except OSError:  # no room, or no right to write
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def _kept(key: str) -> ctypes.CDLL | None:
    """## A compiled step that was kept, unless it is damaged"""
    place = folder()
    for path in place.glob(f"{key}-*.so") if place else ():
        try:
            if path.stem == f"{key}-{_digest(path.read_bytes())}":
                return ctypes.CDLL(str(path))
            path.unlink()
        except OSError:
            continue
    return None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _key(source: str, compiler: str) -> str:
    """## All that a compiled step depends on"""
    made = os.stat(compiler)
    parts = [source, os.path.realpath(compiler), made.st_size, made.st_mtime_ns, OPTIONS, CHOICES]
    return _digest(repr([*parts, *_processor()]).encode())


@cache
def _processor() -> tuple[str, ...]:
    """## What a processor understands"""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n", 1)[0]
    except OSError:
        text = ""
    about = ("model name", "flags", "Features", "CPU part")
    found = sorted(line for line in text.splitlines() if line.startswith(about))
    return (platform.system(), platform.machine(), platform.processor(), *found)
