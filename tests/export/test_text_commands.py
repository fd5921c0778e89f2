"""The commands for text, as a person meets them."""

import re

import pytest
from test_commands import kerasheet, refusal, serving

from kerasheet_serving import Tokenizer, read_manifest

TEXT = "the cat sat on the mat. " * 200


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("text")
    (folder / "story.txt").write_text(TEXT)
    options = ("--epochs", 20, "--units", 24, "--steps", 16, "--batch-size", 8)
    done = kerasheet(
        "train", "rnn_lm", "--data", "story.txt", *options, "--lr", 0.02, cwd=folder
    )
    assert "Run directory: runs/rnn_lm-story" in done.stdout.replace("\n", "")
    assert "Next: kerasheet generate runs/rnn_lm-story" in done.stdout
    assert done.stderr == ""
    return folder


def test_the_whole_way_from_a_text_file_to_a_served_model(folder):
    run = "runs/rnn_lm-story"
    options = ("--prompt", "the cat", "--length", 17, "--temperature", 0)
    done = kerasheet("generate", run, *options, cwd=folder)
    assert done.stdout == "the cat sat on the mat. \n"
    assert "perplexity" in kerasheet("evaluate", run, cwd=folder).stdout
    other = kerasheet("evaluate", run, "--data", "pydocs", cwd=folder).stdout
    assert "perplexity" in other
    done = kerasheet("export", run, "repository", cwd=folder)
    assert re.search(r"onnx_step +│ probabilities", done.stdout)
    repository = folder / "repository"
    tokenizer = Tokenizer(read_manifest(repository / "rnn_lm" / "1"))
    with serving(repository) as client:
        ids = tokenizer.encode("the c")
        [answer] = client.predict("rnn_lm", ids[None])
    best = [max(range(len(row)), key=row.__getitem__) for row in answer["logits"]]
    assert tokenizer.decode(best)[-1] == "a"


def test_unknown_characters_are_said_once(folder):
    done = kerasheet(
        "generate", "runs/rnn_lm-story", "--prompt", "éxé", "--length", 1, cwd=folder
    )
    first, *rest = done.stdout.splitlines()
    assert first == "Read as <unk>, for the vocabulary lacks them: 'é', 'x'."
    assert "".join(rest).startswith("éxé")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("generate", "runs/rnn_lm-story", "--length", 0),
            "Generating needs `length` to be a positive int. Received: 0.",
        ),
        (
            ("predict", "runs/rnn_lm-story", "story.txt"),
            "'runs/rnn_lm-story' is a language model, which looks at no images. Let it "
            "write: kerasheet generate runs/rnn_lm-story",
        ),
        (
            ("train", "rnn_lm", "--data", "storry.txt"),
            "Unknown text 'storry.txt'. Known: pydocs, time_machine. A text file is "
            "named by its path.",
        ),
        (
            ("train", "rnn_lm", "--data", "empty.txt"),
            "'{folder}/empty.txt' holds no characters. Give a text that is not empty.",
        ),
        (
            ("train", "rnn_lm", "--data", "short.txt"),
            "8 tokens are too few for a batch of 16 windows of 64 steps: it takes at "
            "least 1088. Give more text, or lower --steps or --batch-size.",
        ),
        (
            ("train", "rnn_lm", "--data", "binary.txt"),
            "'{folder}/binary.txt' is not UTF-8 text: byte 0xff at offset 3. Convert "
            "it to UTF-8, or name a text file.",
        ),
        (
            ("train", "rnn_lm", "--data", "story.txt", "--sampling", "rondom"),
            "Unknown sampling 'rondom'. Did you mean 'random'? Known: random, "
            "consecutive.",
        ),
        (
            ("train", "rnn_lm", "--data", "story.txt", "--size", 28),
            "A text has no `size`. Leave it out.",
        ),
        (
            ("train", "mlp", "--steps", 35),
            "Model 'mlp' looks at images: leave out the settings for a text.",
        ),
        (
            ("train", "mlp", "--units", 35),
            "Model 'mlp': mlp() got an unexpected keyword argument 'units'.",
        ),
    ],
)
def test_wrong_input_is_one_sentence(folder, arguments, sentence):
    (folder / "empty.txt").write_text("")
    (folder / "short.txt").write_text("too short.")
    (folder / "binary.txt").write_bytes(b"abc\xff\xfe")
    assert refusal(*arguments, cwd=folder) == sentence.replace("{folder}", str(folder))
