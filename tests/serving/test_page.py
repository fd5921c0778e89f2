"""The files of the page, and the list of models that it shows."""

import json
import re

import pytest
from serving_http import InProcess
from serving_models import Model, change_byte, half_plus_two, identity, publish
from starlette.applications import Starlette
from starlette.routing import Mount
from text_models import publish_text

from kerasheet_serving import Settings, TensorSpec, create_app
from kerasheet_serving.page.routes import INDEX

ADDRESS = re.compile(r"""(?:href|src)="([^"#]+)"|from "\./([^"]+)";""")


def addresses(text, folder):
    """What a file of the page loads or leads to, relative to the page."""
    for of_markup, of_module in ADDRESS.findall(text):
        yield of_markup or f"{folder}{of_module}"


def parts(server, prefix=""):
    """Every file that the page is made of, by address, found as a browser finds it."""
    found, wanted = {}, [""]
    while wanted:
        address = wanted.pop()
        if address not in found and (not address or address.startswith("page/")):
            found[address] = server.ask("GET", f"{prefix}/{address}")
            wanted += addresses(found[address].text, "page/")
    return found


def test_the_page_is_made_of_files_that_are_here_and_of_the_right_types(server):
    found = parts(server)
    assert {answer.status_code for answer in found.values()} == {200}
    types = {
        address.rpartition(".")[2]: answer.headers["content-type"]
        for address, answer in found.items()
    }
    assert types == {
        "": "text/html; charset=utf-8",
        "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml",
    }


def test_every_file_of_the_page_is_used_by_it(server):
    from importlib.resources import files

    here = {
        path.name
        for path in files("kerasheet_serving.page").joinpath("static").iterdir()
    }
    used = {address.removeprefix("page/") for address in parts(server)}
    assert here - {INDEX} == used - {""}


def test_the_page_needs_neither_inline_scripts_nor_styles_nor_other_hosts(server):
    for address, answer in parts(server).items():
        text = answer.text
        # The names of XML's vocabularies look like addresses, and are never fetched.
        assert not re.findall(r"https?://(?!www\.w3\.org/)", text), address
        assert not re.findall(r'<style|\sstyle="|\son\w+="|<script>', text), address


def test_the_page_works_below_a_mount(repository):
    app = Starlette(routes=[Mount("/below", create_app(Settings(repository)))])
    found = parts(InProcess(app), "/below")
    assert {answer.status_code for answer in found.values()} == {200}
    assert len(found) > 10
    assert InProcess(app).ask("GET", "/below/models").status_code == 200


@pytest.mark.parametrize("address", ["/", "/page/style.css", "/models"])
def test_a_browser_that_has_a_file_is_told_so_and_sent_nothing(server, address):
    first = server.ask("GET", address)
    assert first.headers["cache-control"] == "no-cache"
    etag = first.headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}'):
        again = server.ask("GET", address, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    other = server.ask("GET", address, headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize("address", ["/", "/page/main.js", "/models"])
def test_head_answers_as_get_does_without_the_body(server, address):
    get, head = server.ask("GET", address), server.ask("HEAD", address)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize(
    "name",
    ["page.py", "..%2Fpage.py", "..%5Cpage.py", "%2Fetc%2Fpasswd", "style.css%00", ""],
)
def test_nothing_but_the_files_of_the_page_can_be_read(server, name):
    answer = server.ask("GET", f"/page/{name}")
    assert (answer.status_code, answer.json().keys()) == (404, {"error"})


def test_a_file_that_the_page_has_not_is_named(server):
    answer = server.ask("GET", "/page/nothing.js")
    expected = "The page has no file 'nothing.js'."
    assert (answer.status_code, answer.json()) == (404, {"error": expected})


@pytest.fixture
def listed(tmp_path):
    """Publish to `root`; then `models()` are those that the server lists, by name."""

    def models():
        app = InProcess(create_app(Settings(tmp_path)))
        return {one["name"]: one for one in app.ask("GET", "/models").json()}

    return tmp_path, models


def test_a_model_is_listed_with_its_versions_newest_first(listed):
    root, models = listed
    publish(root, "M", half_plus_two(), 2, metrics={"loss": 0.25})
    publish(root, "M", half_plus_two(), 10)
    shape = {"dtype": "float32", "shape": ["batch"]}
    common = {
        "state": "READY",
        "reason": "",
        "inputs": [{"name": "x", **shape}],
        "outputs": [{"name": "y", **shape}],
        "unit": "characters",
    }
    assert models()["M"] == {
        "name": "M",
        "kind": "tensors",
        "input_shape": ["batch"],
        "labels": [],
        "versions": [
            {"version": "10", "metrics": {}, **common},
            {"version": "2", "metrics": {"loss": 0.25}, **common},
        ],
    }


def test_a_version_that_was_refused_is_listed_with_its_reason(listed):
    root, models = listed
    publish(root, "M", half_plus_two(), 1)
    change_byte(publish(root, "M", half_plus_two(), 2) / "model.onnx")
    change_byte(publish(root, "N", half_plus_two(), 1) / "model.onnx")
    found = models()
    refused, working = found["M"]["versions"]
    assert refused.keys() == {"version", "state", "reason"}
    assert (refused["version"], refused["state"]) == ("2", "UNAVAILABLE")
    assert "it changed after it was published" in refused["reason"]
    assert (working["version"], working["state"]) == ("1", "READY")
    assert [one["state"] for one in found["N"]["versions"]] == ["UNAVAILABLE"]
    assert (found["N"]["kind"], found["N"]["input_shape"]) == ("tensors", None)


def test_models_of_images_and_of_text_are_told_from_others(listed):
    root, models = listed
    picture = Model(
        [identity("float32").proto.graph.node[0]],
        [TensorSpec("x", "float32", ("batch", 2, 3, 1))],
        [TensorSpec("y", "float32", ("batch", 2, 3, 1))],
    )
    publish(root, "seen", picture, preprocessing={"scale": 1.0}, labels=("a", "b"))
    publish_text(root, "written")
    publish(root, "read", identity("int32"), vocabulary=("?", "a"))
    publish(root, "other", picture)
    found = models()
    kinds = {name: model["kind"] for name, model in found.items()}
    assert kinds == {
        "other": "tensors",
        "read": "tensors",
        "seen": "image",
        "written": "text",
    }
    assert found["seen"]["input_shape"] == ["batch", 2, 3, 1]
    assert found["seen"]["labels"] == ["a", "b"]


def test_the_list_is_json_that_a_browser_reads_whatever_the_metrics_are(listed):
    root, _ = listed
    publish(root, "M", half_plus_two(), metrics={"loss": float("nan"), "a": 1e999})
    publish(root, "N", half_plus_two(), version=10**18 - 1)
    server = InProcess(create_app(Settings(root)))

    def refuse(word):
        pytest.fail(f"{word} is not JSON")

    text = server.ask("GET", "/models").text
    m, n = json.loads(text, parse_constant=refuse)
    assert m["versions"][0]["metrics"] == {"loss": "nan", "a": "inf"}
    assert n["versions"][0]["version"] == "9" * 18
