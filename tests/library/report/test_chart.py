"""Curves lie where their values say."""

import re

import pytest

from kerasheet.report.chart import (
    BOTTOM,
    LEFT,
    MOST_POINTS,
    RIGHT,
    TOP,
    Line,
    draw_chart,
    history_lines,
)


def chart_of(values, name="loss"):
    return draw_chart(name, [Line("train", values)])


def places(values, name="loss"):
    [stroke] = chart_of(values, name).strokes
    numbers = re.findall(r"[ML](\S+) ([\d.]+)", stroke.path)
    return [(float(x), float(y)) for x, y in numbers]


def test_a_line_goes_from_the_first_epoch_to_the_last_and_larger_is_higher():
    assert places([3.0, 1.0, 2.0]) == [
        (LEFT, TOP),
        ((LEFT + RIGHT) / 2, BOTTOM),
        (RIGHT, (TOP + BOTTOM) / 2),
    ]


def test_perplexities_of_equal_ratios_are_equally_far_apart():
    [(_, a), (_, b), (_, c)] = places([1000.0, 100.0, 10.0], "perplexity")
    assert b - a == pytest.approx(c - b, abs=0.1)  # places are rounded to tenths


@pytest.mark.parametrize("name", ["loss", "perplexity"])
@pytest.mark.parametrize(
    "values", [[2.3, 0.4], [1000.0, 1.5], [1.01, 1.0], [1e-3, 1e6]]
)
def test_ticks_lie_on_the_chart_and_grow_upwards(name, values):
    ticks = chart_of(values, name).y_ticks
    labels = [float(tick.label) for tick in ticks]
    assert 2 <= len(ticks) <= 30
    assert labels == sorted({*labels})
    heights = [tick.place for tick in ticks]
    assert heights == sorted(heights, reverse=True)
    assert all(TOP <= height <= BOTTOM for height in heights)


def test_epochs_are_whole_numbers():
    assert [tick.label for tick in chart_of([1.0, 2.0]).x_ticks] == ["1", "2"]


def test_what_is_not_a_number_leaves_a_gap():
    [stroke] = chart_of([3.0, float("inf"), 1.0, 2.0]).strokes
    assert [piece.count("L") for piece in stroke.path.split("M")[1:]] == [0, 1]


@pytest.mark.parametrize("values", [[0.5], [0.5, 0.5], [float("nan")]])
@pytest.mark.parametrize("name", ["loss", "perplexity"])
def test_a_flat_or_empty_line_can_be_drawn(values, name):
    assert len(chart_of(values, name).y_ticks) == 1


def test_a_long_training_is_thinned_but_ends_where_it_ended():
    drawn = places([float(value) for value in range(10_000)])
    assert MOST_POINTS / 2 < len(drawn) <= MOST_POINTS
    assert drawn[-1] == (RIGHT, TOP)


def test_the_held_out_line_stands_beside_its_namesake():
    history = {"accuracy": [0.5], "loss": [2.0, 1.0], "val_loss": [2.5, 1.5]}
    train, held_out = history_lines(history, "loss")
    assert (train.values, held_out.values) == ([2.0, 1.0], [2.5, 1.5])
    assert (train.held_out, held_out.held_out) == (False, True)
    assert train.colour != held_out.colour
    chart = draw_chart("loss", [train, held_out])
    assert chart.title == "loss (nats)"
    assert chart.description == (
        "loss over the epochs: train from 2 to 1; held out from 2.5 to 1.5"
    )
