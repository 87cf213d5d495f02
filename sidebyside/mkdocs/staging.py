"""
# A failed build leaves the last site alone

The site is built beside its place, in a hidden folder of its own, and changes places with the last
site when everything is done. Who reads the old site meanwhile is not disturbed. A build that fails,
is interrupted, or runs beside another one leaves a whole site: the last one or its own.

Where the system cannot exchange two folders in one step (it can on Linux), they are renamed one
after the other. Where the place itself cannot be moved, since a file system is mounted there, what
is in it is exchanged entry by entry: first all that is old leaves, then all that is new comes. The
name of the folder with the new site tells how far this is; a build that finds one goes on with it.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class Staging:
    """The place where one site is built. `folder` becomes `site` when it is accepted."""

    @classmethod
    def beside(cls, site: Path) -> Staging | None:
        """A place for this site; None for the temporary folder that `mkdocs serve` shows."""
        served = site.name.startswith("mkdocs_") and site.parent == Path(tempfile.gettempdir())
        return None if served else cls(site)

    def __init__(self, site: Path) -> None:
        self.site = site.resolve()  # a link stays a link: what it leads to is replaced
        self._mounted = self.site.is_dir() and _cannot_move(self.site)
        self._around = self.site if self._mounted else self.site.parent
        self._around.mkdir(parents=True, exist_ok=True)
        self._prefix = f".{self.site.name}.build-"
        self._leaving = self.site / f".{self.site.name}.leaving"  # old entries leave for this one
        self._coming = self.site / f".{self.site.name}.coming"  # all have left; these come
        self._go_on()
        self._remove_abandoned()
        self.folder, self._lock = self._new_folder()

    def accept(self) -> None:
        """Put what was built in its place. Hidden files of the old site stay, as with MkDocs."""
        try:
            mode = 0o777 & ~_umask()
            with suppress(FileNotFoundError):  # none yet, or another build is just replacing it
                mode = self.site.stat().st_mode
            self.folder.chmod(mode)
            self._keep_hidden()
            with _uninterrupted():
                self._exchange_entries() if self._mounted else _exchange(self.folder, self.site)
        finally:
            self.discard()  # by now the last site, unless something went wrong

    def discard(self) -> None:
        """Remove what was built so far."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def _new_folder(self) -> tuple[Path, int | None]:
        """A folder that no other build touches, and the lock that tells them so."""
        for _ in range(5):
            folder = Path(tempfile.mkdtemp(prefix=self._prefix, dir=self._around))
            if (lock := _locked(folder)) is not None:
                break  # otherwise another build took it for abandoned, or there are no locks here
        folder.mkdir(exist_ok=True)
        return folder, lock

    def _keep_hidden(self) -> None:
        """Copy hidden files, such as the `.git` of a branch with pages. They must not get lost."""
        if self._mounted:
            return  # they are not moved at all
        for hidden in self.site.glob(".*"):
            copy = self.folder / hidden.name
            if copy.exists() or hidden.name.startswith(self._prefix):
                continue
            if hidden.is_dir() and not hidden.is_symlink():
                shutil.copytree(hidden, copy, symlinks=True)
            else:
                shutil.copy2(hidden, copy, follow_symlinks=False)

    def _go_on(self) -> None:
        """Complete what a build began that was killed while it exchanged entries."""
        if self._leaving.exists() or self._coming.exists():
            site = _locked(self.site, wait=True)
            if site is not None:  # by now that build is done, or dead
                self._exchange_rest()
                os.close(site)

    def _exchange_entries(self) -> None:
        """Exchange what is in the two folders; on one file system, so that nothing is copied."""
        site = _locked(self.site, wait=True)
        self._exchange_rest()  # another build may have been killed meanwhile
        self.folder.rename(self._leaving)  # from now on, the next build goes on with it
        self._exchange_rest()
        if site is not None:
            os.close(site)

    def _exchange_rest(self) -> None:
        """Exchange what has not been exchanged yet."""
        old, lock = self._new_folder()
        if self._leaving.is_dir():
            for entry in [e for e in self.site.iterdir() if not e.name.startswith(".")]:
                entry.rename(old / entry.name)
            self._leaving.rename(self._coming)
        if self._coming.is_dir():
            for entry in [*self._coming.iterdir()]:
                if (self.site / entry.name).is_dir():  # a hidden one
                    (self.site / entry.name).rename(old / entry.name)
                entry.replace(self.site / entry.name)
            self._coming.rmdir()
        shutil.rmtree(old, ignore_errors=True)
        if lock is not None:
            os.close(lock)

    def _remove_abandoned(self) -> None:
        """Remove what builds left that were killed: folders that nobody holds a lock on."""
        for folder in self._around.glob(f"{self._prefix}*"):
            lock = _locked(folder)
            if lock is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)


def _cannot_move(folder: Path) -> bool:
    """Whether a folder is where a file system is mounted, or stands where nothing may be made."""
    return _is_mounted(folder) or not os.access(folder.parent, os.W_OK)


def _is_mounted(folder: Path) -> bool:
    """Whether something is mounted there; also what Python does not see, from the same disk."""
    named = str(folder).replace("\\", r"\134").replace(" ", r"\040")
    with suppress(OSError):
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
        if any(mount.split()[4] == named for mount in mounts.splitlines()):
            return True
    return os.path.ismount(folder)


def _locked(folder: Path, wait: bool = False) -> int | None:
    """Lock a folder for as long as this process lives; None if somebody else has."""
    if fcntl is None:
        return None
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _exchange(new: Path, site: Path) -> None:
    """Let two folders change places. Afterwards `new` is the old site, if there was one."""
    for _ in range(100):  # another build may put its site there at any moment
        if not site.exists():
            with suppress(OSError):
                new.rename(site)
                return
        elif _exchange_in_one_step(new, site):
            return
        else:
            old = Path(tempfile.mkdtemp(prefix=new.name, dir=new.parent)) / "old"
            with suppress(FileNotFoundError):  # another build was faster
                site.rename(old)
            with suppress(OSError):
                new.rename(site)
                shutil.rmtree(old.parent, ignore_errors=True)
                return
    raise OSError(f"{site} cannot be replaced: other builds keep replacing it")


def _exchange_in_one_step(new: Path, site: Path) -> bool:
    """Use what Linux has for this, where there is one."""
    here, exchange = -100, 2  # AT_FDCWD and RENAME_EXCHANGE
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return bool(rename(here, os.fsencode(new), here, os.fsencode(site), exchange) == 0)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Take up signals to stop a little later. Other threads than the main one get none."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []
    kept = {
        number: signal.signal(number, lambda number, _: received.append(number))
        for number in (int(signal.SIGINT), int(signal.SIGTERM))
    }
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
        for number in received:
            signal.raise_signal(number)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
