"""The page as a browser reads it: whole, by itself, and safe to open."""

import base64
import dataclasses
import io
import itertools
import json
import shutil

import pytest
from html_page import Page
from PIL import Image

from kerasheet.data import digits
from kerasheet.report import answers, write_report
from kerasheet.training import read_run

LABEL = "<b>&\"'</script>"


@pytest.fixture
def page(request):
    return request.getfixturevalue(request.param)


every_page = pytest.mark.parametrize(
    "page", ["image_page", "text_page", "common_page"], indirect=True
)


@every_page
def test_needs_nothing_but_itself(page):
    for name, attributes in page.tags:
        assert name not in {"script", "link", "iframe", "object", "base"}
        for key, value in attributes.items():
            assert not key.startswith("on")
            if key in {"src", "href"}:
                assert value.startswith(("data:image/png;base64,", "#"))
    assert "url(" not in page.source
    assert "@import" not in page.source
    assert "http" not in page.source


@every_page
def test_can_be_read_without_seeing_it(page):
    levels = [int(heading[1]) for heading in page.headings()]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert page.attributes("html") == [{"lang": "en"}]
    assert all(image["alt"] for image in page.attributes("img"))
    assert all(chart["aria-label"] for chart in page.attributes("svg"))
    assert {head.get("scope") for head in page.attributes("th")} == {"col", "row"}


@every_page
def test_fits_phones_dark_rooms_and_paper(page):
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in (
        page.attributes("meta")
    )
    for rule in ("color-scheme: light dark", "prefers-color-scheme: dark", "print"):
        assert rule in page.source


def test_pictures_decode(image_page):
    images = image_page.attributes("img")
    assert len(images) == 17  # 16 mistakes and the filters
    for image in images:
        content = base64.b64decode(image["src"].partition(",")[2], validate=True)
        with Image.open(io.BytesIO(content)) as picture:
            picture.load()
            assert min(picture.size) >= 5


@pytest.fixture
def renamed(lenet_run, tmp_path, monkeypatch):
    """The run, in a directory and with labels that would break a page."""
    path = tmp_path / "<i>run&"
    shutil.copytree(lenet_run.path, path)
    labels = (LABEL, *"123456789")
    (path / "labels.json").write_text(json.dumps(labels))
    data = dataclasses.replace(digits(), labels=labels)
    monkeypatch.setattr(answers, "load_images", lambda *_: data)
    return read_run(path)


def test_what_comes_from_files_is_escaped(renamed):
    page = Page(write_report(renamed, renamed.path / "report.html"))
    assert page.headings()[0] == "h1 <i>run&"
    assert ("th", LABEL) in page.texts
    assert LABEL not in page.source
    assert not page.attributes("i")
    assert not page.attributes("script")
