"""Tests with software that is not ours; `make test-consumers` runs them."""

from pathlib import Path


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("consumers")
