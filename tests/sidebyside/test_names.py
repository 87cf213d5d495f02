"""Links and relations as a page gets them, and all links in our own sources."""

from __future__ import annotations

import ast
import cProfile
import importlib
import inspect
import posixpath
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sidebyside.rendering.linking.program import Definition
from sidebyside.rendering.names import TORCH_NAMES, Link, Names, Reference, SourcePage

FAMILY = {
    "pk/base.py": '''
        class Base:
            """## Base"""
            def run(self):
                """### Run"""
            def other(self): ...
            def __init__(self): ...
        def helper(): ...
    ''',
    "pk/middle.py": '''
        from pk.base import Base, helper
        class Middle(Base):
            """## Middle"""
            def run(self):
                """### Run"""
                helper()
                return super().run(), self.other(), self.run()
    ''',
    "pk/ends.py": """
        from pk.middle import Middle
        class Left(Middle):
            def run(self): ...
        class Right(Middle):
            def run(self): ...
        class Far(Right):
            def other(self): ...
    """,
}


def short(references: tuple[Reference, ...]) -> list[tuple[str, str]]:
    return [(reference.name, reference.url) for reference in references]


def test_a_method_knows_what_it_overrides_and_what_overrides_it(sources):
    relations = sources(FAMILY).names.relations("pk.middle.Middle.run")
    assert relations.overrides == Reference(
        "Base.run", "../base/#Base.run", "pk.base.Base.run", False
    )
    assert short(relations.overridden_by) == [
        ("Left.run", "../ends/#L3"),
        ("Right.run", "../ends/#L5"),
    ]


def test_only_the_nearest_overriding_methods_are_named(sources):
    names = sources(FAMILY).names
    assert short(names.relations("pk.base.Base.other").overridden_by) == [
        ("Far.other", "../ends/#L7")
    ]
    assert short(names.relations("pk.base.Base.run").overridden_by) == [
        ("Middle.run", "../middle/#Middle.run")
    ]
    assert names.relations("pk.base.Base.run").overrides is None


def test_a_definition_knows_who_uses_it(sources):
    names = sources(FAMILY).names
    assert short(names.relations("pk.base.helper").used_by) == [
        ("Middle.run", "../middle/#Middle.run")
    ]
    assert short(names.relations("pk.base.Base").used_by) == [("Middle", "../middle/#Middle")]
    assert names.relations("pk.middle.Middle.run").used_by == ()
    assert names.relations("pk.nowhere").used_by == ()


def test_overriding_a_documented_method_of_torch_is_a_relation_too(sources):
    code = sources(
        "from torch.optim import Optimizer\nclass A(Optimizer):\n def step(self): ...", TORCH_NAMES
    )
    overrides = code.names.relations("m.A.step").overrides
    assert overrides is not None
    assert overrides.external
    assert overrides.url.endswith(
        "/generated/torch.optim.Optimizer.step.html#torch.optim.Optimizer.step"
    )


def test_definitions_are_listed_in_order_with_their_anchors(sources):
    definitions = sources(FAMILY).names.definitions("pk.base")
    assert [(d.name, d.kind, d.anchor) for d in definitions] == [
        ("Base", "class", "#Base"),
        ("Base.run", "function", "#Base.run"),
        ("Base.other", "function", "#L5"),
        ("Base.__init__", "function", "#L6"),
        ("helper", "function", "#L7"),
    ]


@pytest.mark.parametrize(
    ("page", "target", "address"),
    [
        ("a/b/", "a/c/", "../c/"),
        ("a/b/", "", "../../"),
        ("", "a/b/", "a/b/"),
        ("a/b.html", "a/c.html", "c.html"),
        ("a/b.html", "d.html", "../d.html"),
    ],
)
def test_addresses_are_relative_with_and_without_directories(tmp_path, page, target, address):
    (tmp_path / "p.py").write_text("from q import f\nf\n")
    (tmp_path / "q.py").write_text("def f(): ...\n")
    pages = [SourcePage("p", tmp_path / "p.py", page), SourcePage("q", tmp_path / "q.py", target)]
    assert [link.url for link in Names(pages).links("p")] == [address, *[f"{address}#L1"] * 2]


def test_reading_does_not_import_the_package(sources):
    sources({"bomb/__init__.py": "raise SystemExit", "bomb/m.py": "import bomb"}).links("bomb.m")


# Our own sources, and other people's


def test_every_link_in_our_sources_lands_on_a_definition(sources_of):
    code = sources_of("labml_nn_optim")
    names = code.names
    pages = {f"/{module.replace('.', '/')}": module for module in names.modules}
    count = 0
    for module in names.modules:
        for link in names.links(module):
            assert code.text(module, link).isidentifier()
            path, _, anchor = link.url.partition("#")
            if link.external:
                continue
            count += 1
            target = pages[posixpath.normpath(f"/{module.replace('.', '/')}/{path}")]
            found = [d for d in names.definitions(target) if d.anchor == f"#{anchor}"]
            name = code.text(module, link)
            if not anchor:
                assert target.rpartition(".")[2] == name
            elif found:  # `a, b = …` defines two names on one line
                line = {d.path: d.line for d in found}[link.title]
                assert re.search(rf"\b{name}\b", code.lines[target][line - 1])
            else:  # a function inside a function
                assert f"def {name}(" in code.lines[target][int(anchor[1:]) - 1]
    assert count > 150


def test_links_do_not_overlap(sources_of):
    names = sources_of("labml_nn_optim").names
    for module in names.modules:
        places = [(link.line, link.start, link.end) for link in names.links(module)]
        assert all(a[0] < b[0] or a[2] <= b[1] for a, b in pairwise(places))


def test_reading_our_sources_takes_a_few_hundred_calls_for_each_line():
    files = sorted((Path(__file__).parents[2] / "labml_nn_optim").glob("[!_]*.py"))
    with cProfile.Profile() as calls:
        pages = [SourcePage(f"labml_nn_optim.{file.stem}", file, file.stem) for file in files]
        names = Names(pages, TORCH_NAMES)
        for module in names.modules:
            names.links(module)
    lines = sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)
    assert sum(each.callcount for each in calls.getstats()) < 400 * lines


@cache
def look_up(path: str) -> Any:
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            found = inspect.getattr_static(found, name)
        return found
    raise LookupError(path)


def at_run_time(module: str, link: Link, line: str, classes: list[Definition]) -> Any:
    """What Python finds under the dotted name that ends with this link, read where it stands."""
    name, *rest = re.findall(r"[\w.]+$", line[: link.end])[0].split(".")
    if name in ("self", "cls") and len(rest) == 1:
        owner = look_up(next(c.path for c in reversed(classes) if c.line <= link.line <= c.end))
        return next(vars(base)[rest[0]] for base in owner.__mro__ if rest[0] in vars(base))
    found = vars(importlib.import_module(module))[name]
    for part in rest:
        found = inspect.getattr_static(found, part)
    return found


def import_lines(lines: list[str]) -> set[int]:
    tree = ast.parse("\n".join(lines))
    imports = [n for n in ast.walk(tree) if isinstance(n, (ast.Import, ast.ImportFrom))]
    return {line for n in imports for line in range(n.lineno, (n.end_lineno or 0) + 1)}


@pytest.mark.parametrize("package", ["labml_nn_optim", "mkdocs", "markdown"])
def test_linked_names_are_at_run_time_what_the_links_say(sources_of, package):
    """Python is the judge: a linked name that can be read in its module is that very object."""
    code = sources_of(package)
    agreed = 0
    for module in code.names.modules:
        if {"__main__", "__pyinstaller", "tests"} & set(module.split(".")):
            continue  # importing these does things
        lines = code.lines[module]
        skipped = import_lines(lines)
        classes = [d for d in code.names.definitions(module) if d.kind == "class"]
        for link in code.names.links(module):
            if link.line in skipped:
                continue
            try:
                found = at_run_time(module, link, lines[link.line - 1], classes)
                expected = look_up(link.title)
            except (KeyError, AttributeError, LookupError, StopIteration):
                continue  # set on an instance, imported in a function, or for type checkers only
            assert found is expected or found == expected, (module, link)
            agreed += 1
    assert agreed > {"labml_nn_optim": 150, "mkdocs": 1000}.get(package, 300)
