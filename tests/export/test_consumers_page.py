"""docs/consumers.md was written from the rows and the columns that there are."""

from pathlib import Path

from consumers import CONSUMERS
from subjects import ROWS

PAGE = Path(__file__).parents[2] / "docs" / "consumers.md"


def table(first):
    """Lines of the page's table whose first heading is this, as lists of cells."""
    _, _, rest = PAGE.read_text().partition(f"| {first} |")
    lines = (f"| {first} |" + rest).split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_page_has_every_consumer_and_every_model():
    names = [consumer.name for consumer in CONSUMERS]
    assert [name for name, *_ in table("consumer")[2:]] == names
    heading, _, *rows = table("model")
    assert heading == ["model", *names]
    assert [name for name, *_ in rows] == ROWS
    assert all(cell for row in rows for cell in row)
