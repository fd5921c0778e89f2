"""The examples in the docstrings are true."""

import doctest
import importlib
import pkgutil

import keras
import pytest

import kerasheet
import kerasheet_export
import kerasheet_serving

MODULES = sorted(
    module.name
    for package in (kerasheet, kerasheet_export, kerasheet_serving)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(name)
    assert doctest.testmod(module, extraglobs={"keras": keras}).failed == 0
