"""A person lets a model write, and stops it."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import expect

# Stops as soon as three characters are there, however fast the rest would come.
STOP_EARLY = """(place) => new MutationObserver((_, observer) => {
    if (place.querySelector("[data-written]").textContent.length < 3) return;
    observer.disconnect();
    window.seen = {busy: place.ariaBusy, focused: document.activeElement.textContent};
    document.querySelector("[data-stop]").click();
}).observe(place, {childList: true, subtree: true})"""


def written(url, **question):
    """The text that the server gives as one answer."""
    request = urllib.request.Request(
        f"{url}/v1/models/writer:generate", json.dumps(question).encode()
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)["text"]


@pytest.fixture
def page(visit, url):
    page = visit(f"{url}/#/writer")
    expect(page.get_by_role("heading", name="writer")).to_be_visible()
    return page


def test_a_prompt_is_continued_as_the_server_continues_it(page, url):
    page.get_by_label("Begin with").fill("the cat")
    page.get_by_label("Length").fill("60")
    page.get_by_label("Temperature").fill("0.5")
    page.get_by_label("Top k").fill("5")
    page.get_by_label("Seed").fill("7")
    page.get_by_role("button", name="Write").click()
    expect(page.locator("[data-progress]").first).to_have_text(
        re.compile(r"^Done in [\d.]+ m?s\.$")
    )
    question = {"prompt": "the cat", "temperature": 0.5, "top_k": 5, "seed": 7}
    expected = written(url, length=60, **question)
    assert len(expected) == 60
    assert page.locator("[data-page]").text_content() == "the cat" + expected


def test_text_comes_as_it_is_written_until_it_is_stopped(page):
    place = page.get_by_role("region", name="Text of the model")
    stop = page.get_by_role("button", name="Stop")
    expect(stop).to_be_disabled()
    page.get_by_label("Length").fill("4096")
    place.evaluate(STOP_EARLY)
    page.get_by_role("button", name="Write").click()
    expect(page.locator("[data-progress]").first).to_have_text(
        re.compile(r"^Stopped after [\d.]+ m?s\.$")
    )
    assert page.evaluate("seen") == {"busy": "true", "focused": "Stop"}
    expect(place).to_have_attribute("aria-busy", "false")
    expect(page.get_by_role("button", name="Write")).to_be_focused()
    text = page.locator("[data-written]")
    assert 3 <= len(text.text_content()) < 4096
    expect(page.get_by_role("alert")).to_be_hidden()
    page.get_by_label("Length").fill("20")
    page.keyboard.press("Enter")
    expect(page.locator("[data-progress]").first).to_have_text(re.compile("^Done"))
    assert len(text.text_content()) == 20


def test_what_the_model_cannot_begin_with_is_said_in_words(visit, url):
    page = visit(f"{url}/#/writer", refused=["status of 400 "])
    page.get_by_label("Begin with").fill("")
    with page.expect_response("**/*:generate") as answer:
        page.get_by_role("button", name="Write").click()
    expected = answer.value.json()["error"]
    expect(page.get_by_role("alert")).to_have_text(expected)
    expect(page.get_by_role("button", name="Write")).to_be_enabled()
