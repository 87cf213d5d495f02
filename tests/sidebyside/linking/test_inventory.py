"""Names that are documented elsewhere: the file, and the inventory of torch that comes with it."""

from __future__ import annotations

import importlib
import re
from typing import Any

import pytest
import torch

from sidebyside.rendering.linking.inventory import InventoryError, read_inventory
from sidebyside.rendering.names import TORCH_NAMES

DOCS = "https://docs.pytorch.org/docs/stable/"
INVENTORY = read_inventory(TORCH_NAMES)


def look_up(path: str) -> Any:
    """What a dotted path is in the installed packages."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            found = getattr(found, name)
        return found
    raise LookupError(path)


@pytest.mark.parametrize("name", INVENTORY.entries)
def test_every_name_exists_in_the_installed_torch_and_is_of_the_kind_it_says(name):
    found, entry = look_up(name), INVENTORY.entries[name]
    assert isinstance(found, type) or entry.kind != "class"
    assert callable(found) or entry.kind in (":", "")
    if entry.kind == "class" and entry.type:
        assert issubclass(found, look_up(entry.type))
    assert entry.type is None or INVENTORY.is_class(entry.type)


@pytest.mark.parametrize(("alias", "name"), INVENTORY.aliases.items())
def test_every_alias_is_the_same_object(alias, name):
    assert look_up(alias) is look_up(name)
    assert name in INVENTORY.entries


def test_addresses_have_the_form_of_the_documentation():
    for name, entry in INVENTORY.entries.items():
        if entry.url is None:
            assert name.endswith("__")
            continue
        page, _, anchor = entry.url.removeprefix(DOCS).partition("#")
        assert re.fullmatch(r"(generated/torch\.[\w.]+|[a-z_]+)\.html", page)
        if page.startswith("generated/"):
            assert anchor == name
            assert page in (f"generated/{name}.html", "generated/torch.nn.Module.html")
        assert anchor in ("", name) or page == "tensor_attributes.html"


# What to call a method of a tensor of two numbers with, where one more such tensor is not right.
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "addcdiv": (torch.ones(2), torch.ones(2)),
    "addcmul": (torch.ones(2), torch.ones(2)),
    "clamp": (0, 1),
    "expand": (2,),
    "fill": (0,),
    "lerp": (torch.ones(2), 0.5),
    "masked_fill": (torch.ones(2, dtype=torch.bool), 0),
    "new_zeros": (2,),
    "permute": (0,),
    "reshape": (2,),
    "to": (torch.float64,),
    "transpose": (0, 0),
    "unsqueeze": (0,),
    "view": (2,),
    "__getitem__": (0,),
}
BINARY = {"add", "copy", "div", "matmul", "maximum", "minimum", "mul", "pow", "sub", "view_as"}


def test_methods_that_are_said_to_return_a_tensor_do():
    for name, entry in INVENTORY.entries.items():
        owner, _, method = name.rpartition(".")
        if owner != "torch.Tensor" or entry.kind != "->":
            continue
        tensor = torch.ones(2)
        in_place = method.endswith("_") and not method.endswith("__")
        plain = method.removesuffix("_") if in_place else method
        binary = plain in BINARY or (plain.startswith("__") and plain != "__neg__")
        arguments = ARGUMENTS.get(plain, (torch.ones(2),) if binary else ())
        result = getattr(tensor, method)(*arguments)
        assert isinstance(result, torch.Tensor), name
        assert result is tensor or not in_place, name


def test_methods_in_place_are_those_of_no_other_listed_class_of_torch():
    """Such a name alone makes a receiver a tensor, so networks and optimizers must not have it."""
    for name in INVENTORY.entries:
        short = name.rpartition(".")[2]
        if name.startswith("torch.Tensor.") and short.endswith("_") and not short.endswith("__"):
            owners = INVENTORY.classes_with(short)
            assert ("torch.nn.Module" in owners) == hasattr(torch.nn.Module, short), short
            assert not hasattr(torch.optim.Optimizer, short)


def test_a_line_that_is_none_is_an_error_with_file_and_line(tmp_path):
    path = tmp_path / "names.txt"
    path.write_text("# fine\n\na.b page.html\na.b page.html kind of c\n")
    with pytest.raises(
        InventoryError, match=r"names\.txt:4: not a line of an inventory: a\.b page"
    ):
        read_inventory(path)
