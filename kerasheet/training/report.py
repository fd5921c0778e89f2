"""Training in pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator


def draw_curves(
    history: Mapping[str, Sequence[float]], title: str, path: str | Path
) -> None:
    """Draw every figure of training over the epochs, held-out ones dashed.

    Args:
        history: per figure one value an epoch; `val_…` stands beside its namesake.
        title: what was trained.
        path: of the PNG to write.
    """
    names = [name for name in history if not name.startswith("val_")]
    figure = Figure(figsize=(4.8 * len(names), 3.6), layout="constrained")
    figure.suptitle(title, fontsize=9)
    panels = figure.subplots(1, len(names), squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        for label, key, style in (
            ("train", name, "-"),
            ("held out", f"val_{name}", "--"),
        ):
            if key in history:
                epochs = range(1, len(history[key]) + 1)
                axes.plot(epochs, history[key], style, marker=".", label=label)
        axes.set(xlabel="epoch", ylabel=f"{name} (nats)" if name == "loss" else name)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if name == "perplexity":
            axes.set_yscale("log")
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=120)
