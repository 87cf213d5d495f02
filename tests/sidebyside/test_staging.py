"""Builds cannot hurt each other: a site is whole, whatever happens while it is built."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from sidebyside.mkdocs import staging
from sidebyside.mkdocs.staging import Staging
from tests.sidebyside.test_mkdocs import CONFIG, ROOT, Project, built, project

__all__ = ["project"]  # a fixture

FILES = 40


def write_site(folder: Path, version: str) -> None:
    """A site of many files, each of which says which version it belongs to."""
    for number in range(FILES):
        path = folder / f"page{number % 5}" / f"{number}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(version)


def versions(site: Path) -> list[str]:
    """The one version of a whole site; more or none when it is not whole."""
    files = [path for path in site.rglob("*.html") if path.relative_to(site).parts[0][0] != "."]
    assert len(files) == FILES, len(files)
    return sorted({path.read_text() for path in files})


def without_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "_exchange_in_one_step", lambda new, site: False)


def mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "_cannot_move", lambda folder: True)


def as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    pass


SYSTEMS = [as_it_is, without_exchange, mounted]


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_new_site_replaces_the_old_one_and_hidden_files_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: Any
) -> None:
    system(monkeypatch)
    site = tmp_path / "site"
    write_site(site, "old")
    (site / ".git" / "objects").mkdir(parents=True)
    (site / ".nojekyll").write_text("")
    (site / "stale.html").write_text("")
    place = Staging(site)
    write_site(place.folder, "new")
    place.accept()
    assert versions(site) == ["new"]
    assert (site / ".git" / "objects").is_dir()
    assert (site / ".nojekyll").is_file()
    assert not list(tmp_path.rglob("*build-*"))


@pytest.mark.parametrize("system", SYSTEMS)
def test_many_builds_at_once_leave_one_whole_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: Any
) -> None:
    system(monkeypatch)
    site = tmp_path / "site"
    write_site(site, "old")
    failures: list[BaseException] = []

    def build(version: str) -> None:
        try:
            for _ in range(5):
                place = Staging(site)
                write_site(place.folder, version)
                place.accept()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=build, args=(f"v{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(versions(site)) == 1
    assert not list(tmp_path.rglob("*build-*"))


def test_a_site_that_is_a_link_stays_a_link(tmp_path: Path) -> None:
    for name, exists in (("there", True), ("not_yet", False)):
        target = tmp_path / "elsewhere" / name
        if exists:
            write_site(target, "old")
        link = tmp_path / f"link_{name}"
        link.symlink_to(target)
        place = Staging(link)
        write_site(place.folder, "new")
        place.accept()
        assert link.is_symlink()
        assert versions(target) == ["new"]
    assert not list(tmp_path.rglob("*build-*"))


def test_a_full_disk_leaves_the_old_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    write_site(site, "old")
    (site / ".git").mkdir()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    place = Staging(site)
    write_site(place.folder, "new")
    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(OSError, match="No space left"):
        place.accept()
    assert versions(site) == ["old"]
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_disk_that_is_full_while_the_site_is_built_is_named_and_the_old_site_stays(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = built(project).site()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("mkdocs.utils.copy_file", full)
    code, output = project.build()
    assert code == 1
    assert "the site could not be built: [Errno 28] No space left on device" in output
    assert "Traceback" not in output
    assert project.site() == before


def test_a_folder_that_is_mounted_from_its_own_disk_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "my site"
    site.mkdir()
    assert not staging._is_mounted(site)
    mounts = (
        f"36 35 98:0 / / rw\n37 36 98:0 /elsewhere {tmp_path}/my\\040site rw - ext4 /dev/a rw\n"
    )
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: mounts)
    assert staging._is_mounted(site)
    assert not staging._is_mounted(tmp_path)


BUILD = """
import sys, time
from pathlib import Path
sys.path[:0] = [{root!r}]
from sidebyside.mkdocs.staging import Staging
from tests.sidebyside.test_staging import write_site
for n in range(10_000):
    place = Staging(Path({site!r}))
    write_site(place.folder, f"new{{n}}")
    place.accept()
    print("accepted", flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems cannot exchange two folders")
@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_an_interruption_at_any_moment_leaves_a_whole_site(
    tmp_path: Path, stop: signal.Signals
) -> None:
    site = tmp_path / "site"
    write_site(site, "old")
    code = BUILD.format(root=str(ROOT), site=str(site))
    for moment in range(4):
        command = [sys.executable, "-c", code]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.003 * moment)
            process.send_signal(stop)
        assert process.returncode != 0
        assert len(versions(site)) == 1
    Staging(site).discard()  # the next build removes what the others left
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def killed_at(rename: int, site: Path) -> bool:
    """Whether a build is killed, in a process of its own, when it renames for that time."""
    child = os.fork()
    if not child:
        done = 0

        def dies(kept: Any) -> Any:
            def renamed(path: Path, target: Path) -> Any:
                nonlocal done
                done += 1
                return os._exit(9) if done == rename else kept(path, target)

            return renamed

        Path.rename, Path.replace = dies(Path.rename), dies(Path.replace)  # type: ignore[method-assign]
        try:
            place = Staging(site)
            write_site(place.folder, "new")
            (place.folder / ".well-known").mkdir()
            (place.folder / ".well-known" / "new").write_text("")
            place.accept()
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1] != 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes to kill")
def test_a_mounted_site_is_completed_by_the_next_build_wherever_one_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted(monkeypatch)
    seen = []
    for rename in range(1, 40):
        site = tmp_path / str(rename)
        write_site(site, "old")
        for folder in (".git", ".well-known"):
            (site / folder).mkdir()
        was_killed = killed_at(rename, site)
        Staging(site).discard()  # what the next build begins with, even if it fails
        seen += versions(site)
        names = {path.name for path in site.iterdir() if path.name[0] == "."}
        assert names == {".git", ".well-known"}
        assert (site / ".well-known" / "new").exists() == (seen[-1] == "new")
        if not was_killed:
            break
    # Five old entries leave and six come; one of them takes the place of a hidden one.
    assert seen == ["old", *["new"] * (len(seen) - 1)]
    assert len(seen) == 1 + 1 + 5 + 1 + 1 + 6


@pytest.mark.parametrize(
    "to", ["../evil", "a/../../evil", "/tmp/evil", r"..\evil", "C:/evil", "//host/evil"]
)
def test_nothing_is_written_outside_of_the_site(project: Project, to: str) -> None:
    config = CONFIG.replace("to: annotated", f"to: '{to}'")
    project.write({"mkdocs.yml": config, "docs/index.md": "# Home\n"})
    before = {path for path in project.folder.parent.rglob("*") if "node_modules" not in path.parts}
    code, output = project.build()
    after = {path for path in project.folder.parent.rglob("*") if "node_modules" not in path.parts}
    assert code == 1
    assert f"`to: {to}` leads out of the site" in output
    assert "Traceback" not in output
    assert after == before


@pytest.mark.parametrize("where", [".", "..", "docs/.."])
def test_a_site_that_would_replace_its_own_sources_is_refused(project: Project, where: str) -> None:
    project.write({"mkdocs.yml": CONFIG + f"\nsite_dir: {where}\ndocs_dir: docs\n"})
    code, _ = project.build()
    assert code == 1
    assert (project.folder / "package" / "mean.py").is_file()


def test_two_builds_of_one_project_both_tell_the_truth(project: Project) -> None:
    before = len(built(project).site())
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "-q",
        "-f",
        str(project.folder / "mkdocs.yml"),
    ]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    for offset in (0.0, 0.4):
        first = subprocess.Popen(command, env=environment)
        time.sleep(offset)
        second = subprocess.Popen(command, env=environment)
        assert [first.wait(), second.wait()] == [0, 0]
        assert len(project.site()) == before
        assert not list(project.folder.glob(".site*"))
