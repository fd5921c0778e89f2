"""Several runs on one page."""

import shutil

from html_page import Page

from kerasheet.report import write_report
from kerasheet.training import read_run


def test_several_runs_are_compared_before_each_has_its_own_section(common_page):
    headings = common_page.headings()
    assert headings[:4] == [
        "h1 3 runs",
        "h2 Side by side",
        "h2 Curves",
        "h2 Differences of the recipes",
    ]
    assert [h for h in headings if h[:4] in ("h2 1", "h2 2", "h2 3")] == [
        "h2 1 lenet",
        "h2 2 softmax",
        "h2 3 text",
    ]
    ids = {f"#{a['id']}" for _, a in common_page.tags if "id" in a}
    assert ids == {link["href"] for link in common_page.attributes("a")}
    assert len(ids) == 3


def test_two_runs_of_one_name_are_told_apart(lenet_run, tmp_path):
    for name in "ab":
        shutil.copytree(lenet_run.path, tmp_path / name / "run")
    runs = [read_run(tmp_path / name / "run") for name in "ab"]
    page = Page(write_report(runs, tmp_path / "page.html", samples=0))
    assert f"h2 2 {tmp_path}/b/run" in page.headings()
    assert "The recipes are the same." in page.text()
