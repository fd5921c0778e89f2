"""Texts continued over HTTP: whole, as events, and refusals."""

import asyncio
import json
import shutil
from dataclasses import replace

import httpx
import numpy as np
import pytest
from serving_http import InProcess
from serving_models import half_plus_two, publish
from text_models import LETTERS, WORDS, language_model, publish_text

from kerasheet_serving import Session, Settings, Tokenizer, create_app
from kerasheet_serving.generation.step_model import StepModel
from kerasheet_serving.manifest import read_manifest, write_manifest
from kerasheet_serving.metrics import Metrics


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    root = tmp_path_factory.mktemp("texts")
    publish_text(root, "letters", version=7)
    publish_text(root, "words", WORDS, unit="words", seed=1)
    publish_text(root, "broken", fatal=LETTERS.index("z"))
    publish(root, "whole", language_model(29, step=False), vocabulary=LETTERS)
    publish(root, "H", half_plus_two())
    return root


@pytest.fixture(scope="module")
def server(models):
    return InProcess(create_app(Settings(models)))


@pytest.fixture
def generate(server):
    def ask(model="letters", headers=None, **wanted):
        path = f"/v1/models/{model}:generate"
        return server.ask("POST", path, json=wanted, headers=headers)

    return ask


@pytest.fixture
def refused(generate):
    def ask(*arguments, **wanted):
        answer = generate(*arguments, **wanted)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/json"
        assert answer.json().keys() == {"error"}
        return answer.json()["error"]

    return ask


def likeliest(path, prompt, length):
    """What follows by the step graph, token by token, without any of the server."""
    session = Session(path, graph="step")
    tokenizer = Tokenizer(session.manifest)
    ids, state = tokenizer.encode(prompt)[None], np.zeros((1, 2, 8), np.float32)
    written = []
    for _ in range(length):
        answer = session.run({"ids": ids, "state": state})
        ids = 1 + answer["logits"][:, -1:, 1:].argmax(axis=2).astype(np.int32)
        state = answer["next_state"]
        written.append(int(ids[0, 0]))
    return tokenizer.pieces(written)


def events(answer):
    """Name and data of every event."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.endswith("\n\n")
    found = []
    for block in answer.text[:-2].split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n"))
        assert set(lines) <= {"event", "data"}
        found.append((lines.get("event", "message"), json.loads(lines["data"])))
    return found


@pytest.mark.parametrize("prompt", ["a", "hello world", "x" * 64, "no xyz. " * 30])
def test_the_likeliest_text_is_that_of_the_step_graph(generate, models, prompt):
    answer = generate(prompt=prompt, length=40, temperature=0)
    assert answer.status_code == 200
    expected = "".join(likeliest(models / "letters" / "7", prompt, 40))
    assert answer.json() == {"text": expected}


def test_words_come_with_the_space_before_them(generate, models):
    wanted = {"prompt": "to be", "length": 6, "temperature": 0}
    pieces = likeliest(models / "words" / "1", "to be", 6)
    assert all(piece.startswith(" ") for piece in pieces)
    found = events(generate("words", **wanted, stream=True))
    assert found == [
        *(("message", {"text": piece}) for piece in pieces),
        ("done", {"text": "".join(pieces)}),
    ]
    assert generate("words", **wanted).json() == {"text": "".join(pieces)}


@pytest.mark.parametrize("accept", ["text/event-stream", "a/b, TEXT/event-stream;q=1"])
def test_a_client_that_accepts_events_gets_them(generate, accept):
    wanted = {"prompt": "hello", "length": 9}
    whole = generate(**wanted).json()["text"]
    found = events(generate(headers={"Accept": accept}, **wanted))
    assert found[-1] == ("done", {"text": whole})
    assert [data["text"] for _, data in found[:-1]] == list(whole)


def test_the_seed_decides_and_the_defaults_are_these(generate):
    def text(**wanted):
        return generate(prompt="hello", **wanted).json()["text"]

    default = text()
    assert len(default) == 100
    same = {"length": 100, "temperature": 1, "top_k": None, "seed": 0, "stream": False}
    assert text(**same) == default
    texts = {text(seed=seed) for seed in (0, 1, -1, 2**31 - 1, -(2**31))}
    assert len(texts) == 5
    assert text(top_k=1) == text(temperature=0)


def test_versions_and_labels_may_be_named(server):
    for place, status in (("/versions/7", 200), ("/versions/8", 404)):
        path = f"/v1/models/letters{place}:generate"
        assert server.ask("POST", path, json={"prompt": "a"}).status_code == status
    assert server.ask("GET", "/v1/models/letters:generate").status_code == 400


PROBLEMS = {
    "Generating needs a `prompt`. Received: none.": {},
    'Generating needs a prompt of at least one token. Received: "".': {"prompt": ""},
    "Generating needs `prompt` to be a string. Received: [1].": {"prompt": [1]},
    "Generating needs a prompt of at most 65536 characters. Received: one of 65537.": {
        "prompt": "a" * 65537
    },
    "Generating takes prompt, length, temperature, top_k, seed, stream. "
    'Received: "max_tokens".': {"max_tokens": 5},
    **{
        f"Generating needs {needs}. Received: {json.dumps(value)}.": {name: value}
        for name, needs, values in (
            (
                "length",
                "`length` to be a whole number from 1 to 4096",
                (0, -1, 4097, 1.5, True, "9", None),
            ),
            (
                "temperature",
                "`temperature` to be 0 or more",
                (-0.1, float("nan"), float("inf"), True, "1"),
            ),
            (
                "top_k",
                "`top_k` from 1 to 28, the tokens of the vocabulary besides <unk>",
                (0, 29, 2.0, False),
            ),
            (
                "seed",
                "`seed` to be a whole number of 32 bits",
                (2**31, -(2**31) - 1, 0.5, None),
            ),
            ("stream", "`stream` to be true or false", (1, "yes", None)),
        )
        for value in values
    },
}


@pytest.mark.parametrize("sentence", PROBLEMS)
def test_what_cannot_be_written_is_refused_in_one_sentence(server, sentence):
    wanted = PROBLEMS[sentence]
    if not sentence.startswith(("Generating needs a", "Generating needs `prompt`")):
        wanted = {"prompt": "a", **wanted}
    answer = server.ask(
        "POST", "/v1/models/letters:generate", content=json.dumps(wanted)
    )
    assert (answer.status_code, answer.json()) == (400, {"error": sentence})


def test_a_temperature_beyond_all_doubles_is_refused(refused):
    assert refused(prompt="a", temperature=10**400).startswith(
        "Generating needs `temperature` to be 0 or more. Received: 1000"
    )


def test_a_prompt_of_words_needs_a_word(refused):
    sentence = 'Generating needs a prompt of at least one token. Received: "  ".'
    assert refused("words", prompt="  ") == sentence


def test_a_model_that_is_no_language_model_takes_no_text(refused):
    assert refused("H", prompt="a") == "Model 'H' has no vocabulary: it takes no text."


def test_a_language_model_without_a_step_writes_no_text(refused):
    assert refused("whole", prompt="a") == (
        "Model 'whole' has no graph 'step', which writes text token by token. Publish "
        "it with `kerasheet export`."
    )


def test_an_unknown_model_is_not_found_and_a_body_is_read_first(server, generate):
    answer = generate("foo", prompt=5)
    assert (answer.status_code, answer.json()) == (
        404,
        {"error": "Servable not found for request: Latest(foo)"},
    )
    answer = server.ask("POST", "/v1/models/foo:generate", content="")
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "JSON Parse error: The document is empty"},
    )


def test_a_model_that_gives_no_numbers_is_told_so(generate, refused):
    sentence = "The model gave logits that are no numbers after 2 tokens."
    assert refused("broken", prompt="az") == sentence
    assert refused("broken", prompt="az", stream=True) == sentence


def test_a_stream_that_fails_ends_with_the_error(generate, refused):
    wanted = {"prompt": "a", "length": 900, "temperature": 1e9}
    *tokens, last = events(generate("broken", **wanted, stream=True))
    assert all(name == "message" for name, _ in tokens)
    text = "".join(data["text"] for _, data in tokens)
    assert text.index("z") == len(text) - 1
    after = 1 + len(text)
    sentence = f"The model gave logits that are no numbers after {after} tokens."
    assert last == ("error", {"error": sentence})
    assert refused("broken", **wanted) == sentence


def test_a_stream_that_fails_by_the_servers_fault_is_logged(
    generate, monkeypatch, caplog
):
    def fail(self, ids, state):
        raise KeyError("a fault")

    monkeypatch.setattr(StepModel, "step_all", fail)
    first, last = events(generate(prompt="a", stream=True))
    assert first[0] == "message"
    assert last == ("error", {"error": "The server failed; its log says how."})
    [record] = caplog.records
    assert record.getMessage() == "Failed to write a text"
    assert repr(record.exc_info[1]) == "KeyError('a fault')"


def test_a_step_that_does_not_fit_refuses_the_version(tmp_path, caplog):
    path = publish_text(tmp_path, "M")
    manifest = read_manifest(path)
    write_manifest(path, replace(manifest, vocabulary=LETTERS[:-1]))
    other = publish_text(tmp_path, "N")
    manifest = read_manifest(other)
    shutil.copy(other / "model.onnx", other / "step.onnx")
    step = replace(
        manifest.graphs["step"], inputs=manifest.inputs, outputs=manifest.outputs
    )
    write_manifest(other, replace(manifest, graphs={"step": step}))
    create_app(Settings(tmp_path))
    assert [record.getMessage() for record in caplog.records] == [
        "Refused version 1 of model M: The graph 'step' of model 'M' gives logits of "
        "29 classes, its vocabulary has 28 tokens. Publish the model again with "
        "`kerasheet export`.",
        "Refused version 1 of model N: The graph 'step' of model 'N' must take ids "
        "[batch, time] and state [batch, sizes] and give logits [batch, time, classes] "
        "and next_state, and not take ids int32[batch, time] and give logits "
        "float32[batch, time, 29]. Publish the model again with `kerasheet export`.",
    ]


def test_a_text_is_the_same_alone_and_beside_others(server, generate):
    """Of other lengths, prompts and temperatures, which come and go."""
    wanted = [
        {
            "prompt": "abc " * (1 + 7 * k),
            "length": 5 + 13 * k,
            "temperature": 0.5 * (k % 4),
            "top_k": None if k % 3 else 5,
            "seed": k,
        }
        for k in range(8)
    ]

    async def together():
        async with httpx.AsyncClient(
            transport=server.transport, base_url="http://server"
        ) as client:
            asked = (
                client.post("/v1/models/letters:generate", json=one) for one in wanted
            )
            return [answer.json()["text"] for answer in await asyncio.gather(*asked)]

    assert asyncio.run(together()) == [generate(**one).json()["text"] for one in wanted]


def test_texts_are_counted(models):
    app = create_app(Settings(models))
    server = InProcess(app)
    for length in (3, 5):
        body = {"prompt": "a", "length": length}
        server.ask("POST", "/v1/models/letters:generate", json=body)
    lines = server.ask("GET", "/metrics").text.splitlines()
    assert isinstance(app.state.metrics, Metrics)
    of_model = 'model="letters",version="7"'
    for line in (
        f"kerasheet_tokens_total{{{of_model}}} 8.0",
        f"kerasheet_step_texts_count{{{of_model}}} 6.0",
        f"kerasheet_streams{{{of_model}}} 0.0",
        f'kerasheet_requests_total{{code="200",method="generate",{of_model}}} 2.0',
    ):
        assert line in lines
