"""What tests share: one browser for the whole run, and what to do where there is no compiler."""

import gc
import os
import shutil
from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.site.browsing import PATIENCE, find_browser

# Threads of torch that wait must not keep a core busy: other tests wait for it.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

NO_COMPILER = "there is no C compiler"


# The longest. The second is something else to do for whoever would wait until the site is built.
FIRST = ("tests/site/test_open.py", "tests/checking/test_mutation_gate.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long goes first, so that no core waits for it at the end."""

    def turn(item: pytest.Item) -> tuple[int, bool]:
        module = item.nodeid.split("::")[0]
        place = FIRST.index(module) if module in FIRST else len(FIRST)
        return place, "browser" not in item.keywords

    items.sort(key=turn)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests and all that they import live until the end: nothing of it is garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, None, None]:
    return (yield from unless_there_is_no_compiler())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, None, None]:
    return (yield from unless_there_is_no_compiler())


def unless_there_is_no_compiler() -> Generator[None, None, None]:
    """A test that insists on a compiled step says that it cannot, where nothing can compile one."""
    try:
        return (yield)
    except (Exception, pytest.fail.Exception) as error:
        known = filter(None, (os.environ.get("CC"), "cc", "gcc", "clang"))
        if NO_COMPILER in str(error) and not any(map(shutil.which, known)):
            pytest.skip(NO_COMPILER)
        raise


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        reason = "no Chromium found; install one, or set CHROMIUM to its path"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        # The sandbox needs rights that containers do not give; only our own pages are opened.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        expect.set_options(timeout=PATIENCE)
        yield browser
        browser.close()
