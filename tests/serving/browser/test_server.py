"""What the page tells of the server: versions, traffic, refusals, and its own state."""

import re
import shutil

import pytest
from playwright.sync_api import expect


@pytest.fixture
def half(tmp_path, made):
    """A repository of the model that takes numbers only."""
    shutil.copytree(made / "repository" / "half", tmp_path / "half")
    return tmp_path


def test_numbers_are_sent_as_json_and_the_answer_is_laid_out(visit, url):
    page = visit(f"{url}/#/half")
    request = page.get_by_role("textbox", name="Request")
    expect(request).to_have_value('{"inputs": [0]}')
    request.fill('{"inputs": [1.0, 2.0, NaN, 1e9]}')
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("region", name="Answer")).to_have_text(
        '{"outputs": [2.5, 3.0, NaN, 5e+08]}'
    )


def test_an_error_is_shown_in_the_server_s_words_and_goes_with_the_next_answer(
    visit, url
):
    page = visit(f"{url}/#/half", refused=["status of 400 "])
    request = page.get_by_role("textbox", name="Request")
    request.fill('{"inputs": ["many"]}')
    with page.expect_response("**/*:predict") as answer:
        page.get_by_role("button", name="Send").click()
    alert = page.get_by_role("alert")
    expect(alert).to_have_text(answer.value.json()["error"])
    expect(alert).to_contain_text("not of expected type: float")
    expect(page.get_by_role("region", name="Answer")).to_be_hidden()
    request.fill('{"inputs": [2.0]}')
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("region", name="Answer")).to_be_visible()
    expect(alert).to_be_hidden()


def test_versions_show_their_states_reasons_and_metrics(visit, url):
    page = visit(f"{url}/#/half")
    versions = page.locator(".version")
    expect(versions).to_have_count(2)
    broken, working = versions.all()
    expect(broken).to_contain_text("Version 2")
    expect(broken).to_contain_text("unavailable")
    expect(broken).to_contain_text("it changed after it was published")
    expect(working).to_contain_text("Version 1")
    expect(working).to_contain_text("serves")
    expect(working).to_contain_text("75.0 %")
    choices = page.get_by_label("Version").first.get_by_role("option")
    expect(choices).to_have_text(["newest (1)", "1"])
    page.get_by_role("link", name="broken").click()
    expect(page.get_by_label("Try the model")).to_have_text(
        "No version of this model can serve. The reasons are below."
    )


def test_a_version_that_appears_is_shown_without_disturbing_the_person(
    visit, serve, half, made
):
    url = serve(half, "--poll-seconds", "0.2")
    page = visit(url)
    request = page.get_by_role("textbox", name="Request")
    request.fill('{"inputs": [8.0]}')
    shutil.copytree(made / "half-3", half / "half" / "3.tmp")
    (half / "half" / "3.tmp").rename(half / "half" / "3")
    expect(page.locator(".version").first).to_contain_text("Version 3")
    expect(request).to_have_value('{"inputs": [8.0]}')
    expect(request).to_be_focused()
    page.get_by_label("Version").first.select_option("3")
    with page.expect_request("**/v1/models/half/versions/3:predict"):
        page.get_by_role("button", name="Send").click()


def test_traffic_is_drawn_said_and_listed(visit, serve, half):
    url = serve(half)
    page = visit(url)
    chart = page.locator("[data-chart=rate]")
    expect(chart).to_have_attribute(
        "aria-label",
        "Requests a second: 0 now, at most 0 in the last two minutes",
    )
    for _ in range(3):
        with page.expect_response("**/*:predict"):
            page.get_by_role("button", name="Send").click()
    some = re.compile(r"at most (?!0 )[\d.]+ in the last two minutes$")
    expect(chart).to_have_attribute("aria-label", some)
    latency = page.locator("[data-chart=latency]")
    expect(latency).to_have_attribute("aria-label", some)
    expect(page.locator("[data-requests='1']")).to_have_text("3")
    expect(latency.locator(".now").first).to_be_visible()
    page.get_by_text("The same in numbers").click()
    rows = page.get_by_role("region", name="Traffic in numbers").get_by_role("row")
    expect(rows.nth(2)).to_be_visible()


def test_a_server_that_is_gone_and_back_is_noticed(visit, url):
    page = visit(f"{url}/#/half", refused=["net::ERR_INTERNET_DISCONNECTED"])
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    page.context.set_offline(True)
    alert = page.get_by_role("alert")
    expect(alert).to_have_text("The server cannot be reached. Is it still running?")
    page.context.set_offline(False)
    expect(alert).to_be_hidden()


def test_a_server_that_wants_a_key_is_given_one(visit, serve, half, key):
    key, hashed = key
    url = serve(half, "--api-keys", hashed)
    page = visit(url, refused=["status of 401 "])
    field = page.get_by_label("API key")
    expect(field).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("This needs an API key.")
    field.fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text(
        "The API key is not one that this server knows."
    )
    field.fill(key)
    page.keyboard.press("Enter")
    expect(field).to_be_hidden()
    expect(page.get_by_role("alert")).to_be_hidden()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("region", name="Answer")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    expect(field).to_be_hidden()
