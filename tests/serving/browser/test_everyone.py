"""The page on a phone's width, and for those who do not see it."""

import pytest
from playwright.sync_api import expect

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
MODELS = ["digits", "writer", "half", "broken"]
WIDER = """() => {
    const width = document.documentElement.clientWidth;
    const wider = (one) => one.getBoundingClientRect().right > width + 0.5;
    const wide = [...document.querySelectorAll("body *:not(.scroll *)")].filter(wider);
    return [document.documentElement.scrollWidth - width,
        wide.map((one) => one.outerHTML.slice(0, 80))];
}"""
AUDIT = """async () => {
    const {violations, passes} = await axe.run(document, {resultTypes: ["violations"]});
    return [passes.length, violations.map(({id, nodes}) =>
        `${id}: ${nodes.map(({html}) => html.slice(0, 120)).join(" | ")}`)];
}"""


def show(page, model, made):
    """Show a model with an answer, and whatever is folded up."""
    expect(page.get_by_role("heading", name=model)).to_be_visible()
    if model == "digits":
        page.get_by_label("Choose an image").set_input_files(made / "digit.png")
        expect(page.locator("[data-verdict] b")).to_be_visible()
    if model == "half":
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("region", name="Answer")).to_be_visible()
    for summary in page.locator("summary:visible").all():
        summary.click()


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_wider_than_a_phone(visit, url, made, model):
    page = visit(f"{url}/#/{model}", viewport=PHONE)
    show(page, model, made)
    assert page.evaluate(WIDER) == [0, []]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("model", MODELS)
def test_the_page_has_no_fault_of_accessibility_that_axe_knows(
    visit, url, made, axe, model, scheme
):
    size = PHONE if scheme == "dark" else DESKTOP
    page = visit(f"{url}/#/{model}", viewport=size, color_scheme=scheme)
    show(page, model, made)
    page.evaluate(axe)
    passed, violations = page.evaluate(AUDIT)
    assert violations == []
    assert passed > 20


def test_the_first_stop_of_the_keyboard_skips_to_the_model(visit, url):
    page = visit(url)
    expect(page.get_by_role("link", name="digits")).to_be_visible()
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to the model")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_with_less_motion_nothing_moves(visit, url):
    page = visit(f"{url}/#/digits", reduced_motion="reduce")
    moving = """() => [...document.querySelectorAll("*")].filter((one) => {
        const {animationName, transitionDuration} = getComputedStyle(one);
        return animationName !== "none" || parseFloat(transitionDuration) > 0;
    }).length"""
    expect(page.get_by_label("Drawing board")).to_be_visible()
    assert page.evaluate(moving) == 0
