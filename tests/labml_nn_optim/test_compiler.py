"""The system's compiler is used once, its result kept privately, and its failures told."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch

from labml_nn_optim import Adam
from labml_nn_optim.engine import compiler, programs, reading

SOURCE = "int answer(void) { return 42; }"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(programs, "_programs", {})
    return tmp_path / "labml_nn_optim"


def script(path: Path, text: str) -> str:
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return str(path)


def step(fused: bool | None = True) -> Adam:
    param = torch.nn.Parameter(torch.ones(2**14))
    optimizer = Adam([param], fused=fused)
    param.grad = torch.ones(2**14)
    optimizer.step()
    return optimizer


def test_what_is_compiled_once_is_found_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert compiler.library(SOURCE).answer() == 42
    (kept,) = home.iterdir()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    monkeypatch.setattr(subprocess, "run", None)  # no compiler is called
    assert compiler.library(SOURCE).answer() == 42
    assert [*home.iterdir()] == [kept]


@pytest.mark.parametrize("damage", [b"", b"\x7fELF and then nothing", b"x" * 4000])
def test_a_damaged_file_is_made_anew(home: Path, damage: bytes) -> None:
    compiler.library(SOURCE)
    (kept,) = home.iterdir()
    kept.unlink()  # what is loaded must not be overwritten
    kept.write_bytes(damage)
    assert compiler.library(SOURCE).answer() == 42


def test_another_source_compiler_or_processor_has_a_file_of_its_own(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    compiler.library(SOURCE)
    assert compiler.library(SOURCE.replace("42", "43")).answer() == 43
    monkeypatch.setattr(compiler, "_processor", lambda: ("another",))
    compiler.library(SOURCE)
    monkeypatch.setenv("CC", script(tmp_path / "cc", f'exec {compiler.find_compiler()} "$@"\n'))
    compiler.library(SOURCE)
    assert len([*home.iterdir()]) == 4


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_may_write_to_is_not_used(home: Path, mode: int) -> None:
    home.mkdir()
    home.chmod(mode)
    assert compiler.library(SOURCE).answer() == 42
    assert not [*home.iterdir()]


def test_a_link_in_the_place_of_the_folder_is_not_used(home: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    home.symlink_to(elsewhere)
    assert compiler.library(SOURCE).answer() == 42
    assert not [*elsewhere.iterdir()]


def test_without_a_place_to_keep_it_the_step_is_compiled_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "no folder"))
    assert compiler.library(SOURCE).answer() == 42
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: Path("/nonexistent/home"))
    assert "compiled" in repr(step())


def test_a_full_disk_is_no_trouble(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert compiler.library(SOURCE).answer() == 42
    assert not [*home.iterdir()]


BROKEN = {
    "fails": ('echo "step.c:7: error: no such thing" >&2; exit 1', "error: no such thing"),
    "fails silently": ("exit 3", "silently"),
    "makes nothing": ("exit 0", "silently"),
    "makes nonsense": ('while [ "$1" != -o ]; do shift; done; echo no > "$2"', "cannot be loaded"),
    "hangs": ("sleep 100", "did not finish"),
}  # fmt: skip


@pytest.mark.parametrize("how", BROKEN)
def test_a_compiler_that_fails_is_told_of_and_nothing_has_changed(
    how: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text, words = BROKEN[how]
    monkeypatch.setenv("CC", script(tmp_path / "cc", text + "\n"))
    monkeypatch.setattr(compiler, "SECONDS", 0.2)
    monkeypatch.setattr(reading, "looking", reading.looking.__wrapped__)  # asks this one too
    with pytest.raises(RuntimeError, match=rf"fused=True.*({words})"):
        step()
    programs._programs.clear()
    assert "plain: cannot be compiled: " in repr(step(fused=None))


def test_a_compiler_that_warns_is_quiet(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = compiler.find_compiler()
    monkeypatch.setenv("CC", script(tmp_path / "cc", f'echo warning >&2; exec {real} "$@"\n'))
    assert "compiled" in repr(step())
    assert capfd.readouterr() == ("", "")


def test_a_compiler_without_some_options_gets_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = compiler.find_compiler()
    refuse = 'for a; do case $a in -march*|-fopenmp) echo "error: $a" >&2; exit 1;; esac; done\n'
    monkeypatch.setenv("CC", script(tmp_path / "cc", refuse + f'exec {real} "$@"\n'))
    assert "compiled" in repr(step())


def test_processes_and_threads_may_compile_at_once(home: Path) -> None:
    compiler.find_compiler()  # what is missing is told here, and not by each thread
    code = (
        "from labml_nn_optim.engine import compiler\n"
        f"assert compiler.library({SOURCE!r}).answer() == 42"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    threads = [threading.Thread(target=compiler.library, args=(SOURCE,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert len([*home.iterdir()]) == 1


FORKS = """
import os, torch
from labml_nn_optim import Adam
torch.set_num_threads(2)
param = torch.nn.Parameter(torch.ones(2**17))
optimizer = Adam([param], fused=True)
param.grad = torch.ones(2**17)  # here: in the child, torch's own operations would wait forever
optimizer.step()
child = os.fork()
if child == 0:
    optimizer.step()
    os._exit(0 if optimizer.state[param]["step"] == 2 and param[0] < 0.9985 else 1)
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_takes_steps_of_its_own() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKS], check=False, timeout=300, capture_output=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_any_number_of_threads_computes_the_same(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = []
    for count in (1, threads):
        monkeypatch.setattr(torch, "get_num_threads", lambda count=count: count)
        params = [torch.nn.Parameter(torch.linspace(-1, 1, n)) for n in (150_001, 3, 0, 70_077)]
        optimizer = Adam(params, fused=True, lr=0.1)
        for _ in range(3):
            for param in params:
                param.grad = param.detach().sin()
            optimizer.step()
        results.append(params)
    for one, many in zip(*results, strict=True):
        assert torch.equal(one, many)
