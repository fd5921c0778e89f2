"""The file that a page is written to, and what is refused before."""

import os

import pytest

from kerasheet.errors import RunError
from kerasheet.report import write_report


def test_a_page_that_cannot_be_written_leaves_the_old_one(
    lenet_run, tmp_path, monkeypatch
):
    path = tmp_path / "page.html"
    path.write_text("old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(RunError) as error:
        write_report(lenet_run, path)
    assert str(error.value) == (
        f"'{path}' cannot be written (No space left on device). Name another file with "
        "--output."
    )
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_page_in_no_directory_is_refused(lenet_run, tmp_path):
    with pytest.raises(RunError) as error:
        write_report(lenet_run, tmp_path / "no" / "page.html")
    assert str(error.value) == (
        f"'{tmp_path}/no/page.html' cannot be written (No such file or directory). "
        "Name another file with --output."
    )


def test_refuses_no_runs_and_a_negative_number_of_mistakes(lenet_run, tmp_path):
    with pytest.raises(ValueError) as error:
        write_report([], tmp_path / "page.html")
    assert str(error.value) == "A report needs at least one run. Received: runs=[]."
    with pytest.raises(ValueError) as error:
        write_report(lenet_run, tmp_path / "page.html", samples=-1)
    assert str(error.value) == (
        "A report needs `samples` to be an int from 0. Received: samples=-1."
    )
