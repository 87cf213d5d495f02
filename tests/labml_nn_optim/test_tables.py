"""A new optimizer is tried by everything: no table, and no list of names, forgets it."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import labml_nn_optim
from docs.configurations import configurations
from labml_nn_optim import GenericAdaptiveOptimizer
from tests.labml_nn_optim.table import MODES, OPTIMIZERS


def classes() -> Iterator[type]:
    """Every optimizer that stands in a module of the package."""
    for found in pkgutil.iter_modules(labml_nn_optim.__path__, "labml_nn_optim."):
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
    assert OPTIMIZERS.get(cls.__name__) is cls, "add it to OPTIMIZERS in table.py"
    assert any(kind is cls for kind, _ in MODES.values()), "add a row to MODES in table.py"


@pytest.mark.parametrize("cls", ALL)
def test_each_optimizer_can_be_imported_and_its_formulas_are_run(cls):
    assert getattr(labml_nn_optim, cls.__name__, None) is cls
    assert cls.__name__ in labml_nn_optim.__all__
    assert any(kind is cls for kind, _ in configurations()), "add it to docs/configurations.py"
