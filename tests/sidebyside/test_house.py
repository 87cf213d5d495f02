"""The folders of the checker stand one above the other, and none reaches up."""

import ast
from collections.abc import Iterator
from pathlib import Path

import sidebyside

HOUSE = Path(sidebyside.__file__).parent
# From the bottom to the top, as in CONTRIBUTING.md.
FLOORS = (
    "formula",
    "source",
    "algebra",
    "trace",
    "claims",
    "words",
    "judging",
    "proving",
    "checking",
)


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}"
            yield from (f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)


def floors_above(file: Path, floor: str) -> list[str]:
    above = FLOORS[FLOORS.index(floor) + 1 :]
    found = (name.split(".") for name in imports(file))
    return [".".join(p) for p in found if p[0] == "sidebyside" and len(p) > 1 and p[1] in above]


def test_no_folder_of_the_checker_imports_from_one_above_it():
    files = [(file, floor) for floor in FLOORS for file in sorted((HOUSE / floor).rglob("*.py"))]
    assert len(files) > 60
    assert {file.name: found for file, floor in files if (found := floors_above(file, floor))} == {}


def test_an_import_from_above_is_noticed(tmp_path):
    file = tmp_path / "low.py"
    file.write_text("def f():\n    from sidebyside.checking.check import check_package\n")
    assert floors_above(file, "algebra") == ["sidebyside.checking.check.check_package"]
    assert floors_above(file, "checking") == []


def test_the_folders_stand_in_the_order_that_contributors_are_told():
    guide = (HOUSE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = [guide.index(f"| `{floor}/` |") for floor in FLOORS]
    assert rows == sorted(rows)


def test_the_checker_imports_nothing_of_what_makes_pages():
    pages = ("rendering", "translating", "mkdocs")
    files = [file for floor in FLOORS for file in (HOUSE / floor).rglob("*.py")]
    found = {name for file in files for name in imports(file)}
    assert not [name for name in found if name.startswith(tuple(f"sidebyside.{p}" for p in pages))]


def test_a_folder_of_the_checker_holds_few_enough_files_to_look_through():
    assert all(len([*(HOUSE / floor).glob("*.py")]) <= 15 for floor in FLOORS)
