"""Put the results into README.md, a few into that of the project, and draw them.

python benchmarks/readme.py
"""

import json
from pathlib import Path
from typing import Any

from plots import plot
from recording import PLACE

HERE = Path(__file__).parent
BEGIN, END = "<!-- results begin -->\n", "<!-- results end -->\n"
SPEED = "<!-- speed begins -->\n", "<!-- speed ends -->\n"
BRIEF = {
    "training_step": "a training step, ten networks",
    "training_epoch": "an epoch of softmax regression",
    "batch_norm": "batch normalization, training",
    "language_model": "training a character RNN",
    "generation": "writing text, one stream",
    "inference": "ONNX files in ONNX Runtime",
    "serving": "requests for a LeNet a second, a worker per core",
    "image_folder": "reading a folder of images",
}
HEAD = "| benchmark | against | target | wall (quartiles) | processor | worst case |"

Result = dict[str, Any]


def main() -> None:
    """Write README.md and the plots."""
    results = [json.loads(path.read_text()) for path in sorted(PLACE.glob("*.json"))]
    text = "\n\n".join([_summary(results), *map(_section, results)])
    _fill(HERE / "README.md", (BEGIN, END), text)
    _fill(HERE.parent / "README.md", SPEED, _brief(results))


def _fill(page: Path, markers: tuple[str, str], text: str) -> None:
    begin, end = markers
    before, rest = page.read_text().split(begin)
    _, after = rest.split(end)
    page.write_text(f"{before}{begin}\n{text}\n\n{end}{after}")


def _brief(results: list[Result]) -> str:
    """A line per benchmark: how many times as fast as each other software."""
    lines = ["| | times as fast as |", "|---|---|"]
    by_title = {_title(result): result for result in results}
    for title, words in BRIEF.items():
        if title in by_title:
            ratios = [
                f"{peer} {_times(_middle(rows)['wall'][1])}"
                for peer, rows in _by_peer(by_title[title]).items()
                if not peer.startswith(("our ", "no server"))
            ]
            lines.append(f"| {words} | {', '.join(ratios)} |")
    return "\n".join(lines)


def _times(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def _by_peer(result: Result) -> dict[str, list[dict[str, Any]]]:
    rows = [row for row in result["rows"] if "peer" in row]
    peers = dict.fromkeys(row["peer"] for row in rows)
    return {peer: [row for row in rows if row["peer"] == peer] for peer in peers}


def _is_mean(row: dict[str, Any]) -> bool:
    return "geometric mean" in row["case"]


def _middle(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The geometric mean of all cases, or where there is none, the first."""
    return next(filter(_is_mean, rows), rows[0])


def _summary(results: list[Result]) -> str:
    """A line per benchmark and peer, or figure."""
    lines = [HEAD, "|---" * (HEAD.count("|") - 1) + "|"]
    for result in results:
        lines += (_peer_line(result, rows) for rows in _by_peer(result).values())
        figures = (row for row in result["rows"] if "figure" in row)
        lines += (
            f"| {_link(result)} | {row['case']} | {_target(row)} "
            f"| {_quartiles(row['figure'])} {row['unit']}{_verdict(row)} | | |"
            for row in figures
        )
    return "\n".join(lines)


def _peer_line(result: Result, rows: list[dict[str, Any]]) -> str:
    row = _middle(rows)
    cases = [row for row in rows if not _is_mean(row)]
    worst = min(cases, key=lambda one: one["wall"][1])
    targets = [_target(worst)] if _target(worst) else []
    targets += [f"mean {_target(row)}"] if _is_mean(row) and _target(row) else []
    cells = (
        _link(result),
        row["peer"],
        ", ".join(targets),
        (f"mean {row['wall'][1]:.2f}" if _is_mean(row) else _quartiles(row["wall"]))
        + _verdict(row),
        f"{row['cpu'][1]:.2f}",
        f"{worst['wall'][1]:.2f}{_verdict(worst)}, {worst['case']}",
    )
    return f"| {' | '.join(cells)} |"


def _section(result: Result) -> str:
    """All rows of a benchmark, and where they were measured."""
    machine, (before, _) = result["machine"], result["load_average"]
    versions = ", ".join(f"{name} {one}" for name, one in result["versions"].items())
    lines = [
        f"## {_title(result)}",
        "",
        result["what"],
        "",
        f"{result['date'][:16].replace('T', ' ')} UTC, commit {result['commit']}, "
        f"{result['device'].upper()}; {machine['processor']}, {machine['cores']} "
        f"cores, {machine['memory_gib']} GiB; load average before: {before[0]:g} "
        f"({_noise(before[0])}); {versions}.",
        "",
    ]
    name = f"results/{_title(result)}.svg"
    if plot(result, HERE / name):
        lines += [f"![{result['what']}]({name})", ""]
    lines += [
        "| case | against | target | wall (quartiles) | processor (quartiles) | ours "
        "| theirs | turns |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(_row, result["rows"])])


def _row(row: dict[str, Any]) -> str:
    if "figure" in row:
        value = f"{_quartiles(row['figure'])} {row['unit']}{_verdict(row)}"
        cells = (row["case"], "", _target(row), value, "", "", "", row["turns"])
    else:
        unit = row.get("unit", "")
        ours, theirs = (
            f"{row[side]['wall']:.3g} {unit}" if side in row else ""
            for side in ("ours", "theirs")
        )
        ratios = [_quartiles(row[clock]) for clock in ("wall", "cpu")]
        ratios[0] += _verdict(row)
        target = _target(row)
        last = (ours, theirs, row.get("turns", ""))
        cells = (row["case"], row["peer"], target, *ratios, *last)
    return f"| {' | '.join(map(str, cells))} |"


def _target(row: dict[str, Any]) -> str:
    least, most = row.get("at_least"), row.get("at_most")
    if least is not None:
        return f"≥ {least:g}"
    return "" if most is None else f"≤ {most:g}"


def _verdict(row: dict[str, Any]) -> str:
    """A mark on what misses its target."""
    [middle] = (row[name][1] for name in ("figure", "wall") if name in row)
    least, most = row.get("at_least"), row.get("at_most")
    missed = (least is not None and middle < least) or (
        most is not None and middle > most
    )
    return " **✗**" if missed else ""


def _quartiles(values: list[float]) -> str:
    low, middle, high = (f"{one:.3g}" for one in values)
    return middle if low == high else f"{middle} ({low}–{high})"


def _noise(load: float) -> str:
    return "quiet" if load < 0.7 else "others were at work"


def _title(result: Result) -> str:
    suffix = "" if result["device"] == "cpu" else f".{result['device']}"
    return f"{result['name']}{suffix}"


def _link(result: Result) -> str:
    anchor = _title(result).replace(".", "")
    return f"[{_title(result)}](#{anchor})"


if __name__ == "__main__":
    main()
