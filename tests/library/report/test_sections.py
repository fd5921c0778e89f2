"""What a page says of a run, section by section."""

import re

import pytest
from html_page import Page

from kerasheet.errors import DataError
from kerasheet.report import answers, mistakes, write_report


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


def test_mistakes_come_the_worst_first_and_as_many_as_asked_for(
    image_page, common_page
):
    losses = [float(n) for n in re.findall(r"loss ([\d.]+) nats", image_page.source)]
    assert len(losses) == 16
    assert losses == sorted(losses, reverse=True)
    assert len(common_page.attributes("img")) == 2 * 2


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
