"""A person shows images to a model: drawn, chosen, dropped and pasted."""

import base64
import json
import re
import urllib.request

import pytest
from playwright.sync_api import expect

THREE = [(0.33, 0.25), (0.5, 0.18), (0.66, 0.28), (0.64, 0.42), (0.48, 0.49)]
THREE += [(0.66, 0.58), (0.68, 0.72), (0.5, 0.82), (0.32, 0.76)]
ZERO = [(0.5, 0.2), (0.36, 0.3), (0.32, 0.5), (0.36, 0.7), (0.5, 0.8)]
ZERO += [(0.64, 0.7), (0.68, 0.5), (0.64, 0.3), (0.5, 0.2)]
TWO = [(0.34, 0.32), (0.42, 0.21), (0.58, 0.21), (0.66, 0.33), (0.58, 0.5)]
TWO += [(0.45, 0.64), (0.33, 0.8), (0.68, 0.8)]


def draw(page, points):
    """Draw a stroke with the mouse, through points in shares of the board."""
    box = page.get_by_label("Drawing board").bounding_box()
    for number, (x, y) in enumerate(points):
        place = (box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.mouse.move(*place, steps=4)
        if number == 0:
            page.mouse.down()
    page.mouse.up()


def touch(page, points):
    """Draw a stroke with a finger."""
    box = page.get_by_label("Drawing board").bounding_box()
    finger = page.context.new_cdp_session(page)
    for number, (x, y) in enumerate(points):
        place = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        kind = "touchMove" if number else "touchStart"
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def verdict(page):
    return page.locator("[data-verdict] b")


@pytest.mark.parametrize(("digit", "points"), [("3", THREE), ("0", ZERO), ("2", TWO)])
def test_a_drawn_digit_is_recognised(visit, url, digit, points):
    page = visit(f"{url}/#/digits")
    draw(page, points)
    expect(verdict(page)).to_have_text(digit)
    bars = page.get_by_label("Most probable classes").get_by_role("listitem")
    expect(bars).to_have_count(5)
    texts = [
        re.fullmatch(r"(\d)\s+([\d.]+) %", text) for text in bars.all_inner_texts()
    ]
    shares = [float(text[2]) for text in texts]
    assert texts[0][1] == digit
    assert shares == sorted(shares, reverse=True)
    assert 50 < shares[0] <= sum(shares) < 100.5
    fill, track = (
        page.locator(f".bars li:first-child {part}").bounding_box()["width"]
        for part in (".fill", ".track")
    )
    assert fill / track == pytest.approx(shares[0] / 100, abs=0.01)
    expect(page.locator("[data-latency]")).to_have_text(
        re.compile(r"^Answered in [\d.]+ m?s\.$")
    )


def test_a_board_that_was_cleared_asks_again(visit, url):
    page = visit(f"{url}/#/digits")
    draw(page, THREE)
    expect(verdict(page)).to_have_text("3")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("[data-verdict]")).to_have_text("The answer appears here.")
    page.get_by_role("button", name="Ask the model").click()
    expect(page.locator("[data-verdict]")).to_have_text(
        "Draw something first, or choose an image."
    )
    draw(page, ZERO)
    expect(verdict(page)).to_have_text("0")


def test_a_finger_draws_on_a_phone(visit, url):
    phone = {"width": 360, "height": 740}
    page = visit(f"{url}/#/digits", viewport=phone, has_touch=True, is_mobile=True)
    page.get_by_label("Drawing board").scroll_into_view_if_needed()
    touch(page, THREE)
    expect(verdict(page)).to_have_text("3")


def answer(url, png):
    """The label and the share, in percent, that the server answers for a file."""
    body = {
        "signature_name": "predict_bytes",
        "instances": [{"b64": base64.b64encode(png).decode()}],
    }
    request = urllib.request.Request(
        f"{url}/v1/models/digits:predict", json.dumps(body).encode()
    )
    with urllib.request.urlopen(request) as response:
        [prediction] = json.load(response)["predictions"]
    return prediction["classes"], f"{100 * max(prediction['probabilities']):.1f} % sure"


TAKE = {
    "drop": """(dataTransfer) => document.querySelector(".board").dispatchEvent(
        new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true}))""",
    "paste": """(data) => document.body.dispatchEvent(
        new ClipboardEvent("paste", {clipboardData: data, bubbles: true}))""",
}
TRANSFER = """([content, name, type]) => {
    const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], name, {type}));
    return data;
}"""


def give(page, way, content, name, kind):
    """Give the page a file in one of three ways."""
    if way == "choose":
        file = {"name": name, "mimeType": kind, "buffer": content}
        page.get_by_label("Choose an image").set_input_files(file)
    else:
        expect(page.get_by_label("Drawing board")).to_be_visible()
        text = base64.b64encode(content).decode()
        data = page.evaluate_handle(TRANSFER, [text, name, kind])
        page.evaluate(TAKE[way], data)


@pytest.mark.parametrize("way", ["choose", "drop", "paste"])
def test_a_file_is_answered_as_the_server_answers_it(visit, url, made, way):
    png = (made / "digit.png").read_bytes()
    page = visit(f"{url}/#/digits")
    give(page, way, png, "digit.png", "image/png")
    label, share = answer(url, png)
    expect(page.locator("[data-verdict]")).to_have_text(f"{label}{share}")


def test_what_is_no_image_is_refused_in_words(visit, url):
    page = visit(f"{url}/#/digits")
    give(page, "drop", b"hello", "hello.txt", "text/plain")
    expect(page.get_by_role("alert")).to_have_text(
        "“hello.txt” is not an image that this browser can read. "
        "Choose a PNG or JPEG file."
    )
    draw(page, THREE)
    expect(verdict(page)).to_have_text("3")
    expect(page.get_by_role("alert")).to_be_hidden()


def test_dark_and_bright_are_swapped_on_demand(visit, url, made):
    page = visit(f"{url}/#/digits")
    give(page, "choose", (made / "digit.png").read_bytes(), "digit.png", "image/png")
    expect(verdict(page)).to_be_visible()
    pixels = """(canvas) => [...canvas.getContext("2d")
        .getImageData(0, 0, canvas.width, canvas.height).data]
        .filter((_, index) => index % 4 < 3)"""
    preview = page.locator("[data-preview]")
    before = preview.evaluate(pixels)
    with page.expect_response("**/*:predict"):
        page.get_by_label("Swap dark and bright").check()
    assert preview.evaluate(pixels) == [255 - value for value in before]


def test_the_keyboard_alone_draws_a_digit(visit, url):
    page = visit(url)
    expect(page.get_by_role("link", name="digits")).to_be_visible()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").startswith("digits"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="digits")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Drawing board")).to_be_focused()
    page.keyboard.press("Space")
    for _ in range(10):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(verdict(page)).to_have_text("1")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Clear")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Drawing board")).to_be_focused()
    expect(verdict(page)).to_have_count(0)
