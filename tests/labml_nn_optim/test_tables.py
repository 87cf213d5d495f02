"""A new optimizer is tried by everything: no table, and no list of names, forgets it."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import labml_nn_optim
from docs.configurations import configurations
from labml_nn_optim import GenericAdaptiveOptimizer
from tests.labml_nn_optim.table import MODES, OPTIMIZERS


def classes() -> Iterator[type]:
    """Every optimizer that stands in a module of the package."""
    for found in pkgutil.walk_packages(labml_nn_optim.__path__, "labml_nn_optim."):
        module = importlib.import_module(found.name)
        for each in vars(module).values():
            its_own = isinstance(each, type) and each.__module__ == found.name
            if its_own and issubclass(each, GenericAdaptiveOptimizer):
                yield each


ALL = [each for each in classes() if each is not GenericAdaptiveOptimizer]


def test_the_four_are_found():
    assert {each.__name__ for each in ALL} >= {"Adam", "AMSGrad", "RAdam", "AdaBelief"}


@pytest.mark.parametrize("cls", ALL)
def test_each_optimizer_has_a_row_in_the_tables_of_tests(cls):
    assert OPTIMIZERS.get(cls.__name__) is cls, "add a row to DEFAULTS in table.py"
    row = f'add a row "{cls.__name__}": ({cls.__name__}, {{}}) to MODES in table.py'
    assert MODES.get(cls.__name__) == (cls, {}), row


@pytest.mark.parametrize("cls", ALL)
def test_each_optimizer_has_a_test_of_its_own(cls):
    test = Path(__file__).with_name(f"test_{cls.__module__.rpartition('.')[2]}.py")
    assert test.is_file(), f"write {test.name}, about what the page of {cls.__name__} says"


@pytest.mark.parametrize("cls", ALL)
def test_each_optimizer_can_be_imported_and_its_formulas_are_run(cls):
    imported = getattr(labml_nn_optim, cls.__name__, None) is cls
    assert imported, f"import {cls.__name__} in labml_nn_optim/__init__.py"
    named = cls.__name__ in labml_nn_optim.__all__
    assert named, f'add "{cls.__name__}" to __all__ in labml_nn_optim/__init__.py'
    assert any(kind is cls for kind, _ in configurations()), "add it to docs/configurations.py"
