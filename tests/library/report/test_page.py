"""The page as a browser reads it: whole, by itself, and safe to open."""

import base64
import dataclasses
import io
import itertools
import json
import os
import re
import shutil
from html.parser import HTMLParser

import pytest
from PIL import Image

from kerasheet.data import digits
from kerasheet.errors import DataError, RunError
from kerasheet.report import answers, mistakes, write_report
from kerasheet.training import read_run

LABEL = "<b>&\"'</script>"
UNCLOSED = {"meta", "img", "br", "path"}


class Page(HTMLParser):
    """What is on a page."""

    def __init__(self, path):
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.tags, self.open, self.texts = [], [], []
        self.feed(self.source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in UNCLOSED:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        assert tag == "path"

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style" and data.strip():
            self.texts.append((self.open[-1], data.strip()))

    def headings(self):
        return [f"{tag} {text}" for tag, text in self.texts if tag[1:].isdigit()]

    def attributes(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    def text(self):
        return " ".join(" ".join(text for _, text in self.texts).split())


@pytest.fixture(scope="module")
def image_page(lenet_run, tmp_path_factory):
    return Page(write_report(lenet_run, tmp_path_factory.mktemp("page") / "a.html"))


@pytest.fixture(scope="module")
def text_page(text_run, tmp_path_factory):
    return Page(write_report(text_run, tmp_path_factory.mktemp("page") / "a.html"))


@pytest.fixture(scope="module")
def common_page(lenet_run, softmax_run, text_run, tmp_path_factory):
    runs = [lenet_run, softmax_run, text_run]
    return Page(write_report(runs, tmp_path_factory.mktemp("page") / "a.html", 2))


@pytest.fixture
def page(request):
    return request.getfixturevalue(request.param)


every_page = pytest.mark.parametrize(
    "page", ["image_page", "text_page", "common_page"], indirect=True
)


def test_a_run_of_images_has_every_section(image_page):
    assert image_page.headings() == [
        "h1 lenet",
        "h2 Curves",
        "h2 Confusion matrix",
        "h3 Most frequent confusions",
        "h2 Worst mistakes",
        "h2 First-layer filters",
        "h2 Model",
        "h2 Recipe",
        "h2 Environment",
    ]


def test_a_language_model_has_samples_in_place_of_mistakes(text_page):
    assert text_page.headings() == [
        "h1 text",
        "h2 Curves",
        "h2 Samples",
        "h2 Model",
        "h2 Recipe",
        "h2 Environment",
    ]
    samples = [text for tag, text in text_page.texts if tag == "pre"]
    assert len(samples) == 3
    assert all(sample.startswith("the ") for sample in samples)
    for words in ("test perplexity", "validation", "multiply-adds a token"):
        assert words in text_page.text()


def test_figures_are_those_of_the_run(image_page, lenet_run):
    text = image_page.text()
    assert f"{lenet_run.metrics['test_accuracy']:.2%}".replace("%", " %") in text
    assert f"{lenet_run.metrics['test_loss']:.4f}" in text
    assert "44,426 parameters" in text
    assert "281,640 multiply-adds an image" in text


def test_the_confusion_matrix_holds_every_test_image(image_page, lenet_run):
    cells = re.search(r'class="matrix">.*?</table>', image_page.source, re.DOTALL)
    counts = [int(n) for n in re.findall(r"<td[^>]*>(\d+)</td>", cells[0])]
    assert len(counts) == 100
    assert sum(counts) == 360
    right = sum(counts[index * 11] for index in range(10))
    assert right / 360 == pytest.approx(lenet_run.metrics["test_accuracy"])


def test_every_field_of_the_recipe_and_every_version_is_there(image_page, lenet_run):
    names = {text for tag, text in image_page.texts if tag == "th"}
    model_arguments = {"model_arguments"}
    assert {*lenet_run.recipe.to_json()} - {"text"} - model_arguments <= names
    versions = {"Python", "keras", "tensorflow", "numpy", "platform", "devices"}
    assert versions <= names


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


def test_mistakes_come_the_worst_first_and_as_many_as_asked_for(
    image_page, common_page
):
    losses = [float(n) for n in re.findall(r"loss ([\d.]+) nats", image_page.source)]
    assert len(losses) == 16
    assert losses == sorted(losses, reverse=True)
    assert len(common_page.attributes("img")) == 2 * 2


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


def test_many_classes_have_a_picture_of_their_matrix(lenet_run, tmp_path, monkeypatch):
    monkeypatch.setattr(mistakes, "MOST_CLASSES", 9)
    page = Page(write_report(lenet_run, tmp_path / "a.html", samples=0))
    first = page.attributes("img")[0]["alt"]
    assert first == "Confusion matrix of 10 classes, the darker the more often"
    assert "h2 Worst mistakes" not in page.headings()


def test_without_its_data_a_run_has_the_reason_in_place_of_mistakes(
    lenet_run, tmp_path, monkeypatch
):
    def lack(*_):
        raise DataError("The disk <d> is not there. Plug it in.")

    monkeypatch.setattr(answers, "load_images", lack)
    page = Page(write_report(lenet_run, tmp_path / "a.html"))
    assert "h2 Confusion matrix" not in page.headings()
    assert "h2 First-layer filters" in page.headings()
    assert (
        "p",
        "There is no confusion matrix, and there are no mistakes to show, for the data "
        "cannot be had. The disk <d> is not there. Plug it in.",
    ) in page.texts


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
