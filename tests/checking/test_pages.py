"""Our own pages: each formula is a test."""

from sidebyside.pytest_plugin import Formulas

formulas = Formulas()
