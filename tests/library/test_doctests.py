"""The examples in the docstrings are true."""

import doctest
import importlib
import pkgutil

import keras
import pytest

import kerasheet

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(kerasheet.__path__, "kerasheet.")
    if not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(name)
    assert doctest.testmod(module, extraglobs={"keras": keras}).failed == 0
