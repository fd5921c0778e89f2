"""The Python examples in READMEs and on pages of the site run as they stand."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = [
    example
    for name in (
        "README.md",
        "export/README.md",
        "docs/models/index.md",
        "docs/train/index.md",
    )
    for example in re.findall(
        r"```python\n(.*?)```", (ROOT / name).read_text(), re.DOTALL
    )
]


@pytest.mark.parametrize("index", range(len(EXAMPLES)))
def test_example_runs(index, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(EXAMPLES[index], "README.md", "exec"), {"__name__": "__main__"})


def test_there_are_examples():
    assert len(EXAMPLES) >= 4
