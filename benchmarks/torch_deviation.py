"""How far every model is from its PyTorch twin, as a Markdown table.

    python benchmarks/torch_deviation.py [MODEL ...]

The same comparison as `tests/library/torch_twins`: one step of training from the same
random weights, on the CPU. A figure is the largest difference of a tensor over the
largest entry of PyTorch's, and of those the largest over all tensors: of the logits (in
inference and in training), and of the gradients along all weights and the images.
Where a ReLU fell to two sides of its kink in float32, other images are tried.
"""

import os
import sys
from pathlib import Path

COLUMNS = ("outputs", "gradients")


def main() -> None:
    """Print a row per model, as soon as it is measured."""
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": ""}
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "library"))
    from torch_networks import NETWORKS
    from torch_twins.comparison import TOLERANCE
    from torch_twins.models import SIZES, compare_away_from_kinks

    heads = [f"{kind}, {dtype}" for dtype in TOLERANCE for kind in COLUMNS]
    print("|".join(["", "model", "pixels", "gradient tensors", *heads, ""]))
    print("|---" * (3 + len(heads)) + "|")
    for name in sys.argv[1:] or NETWORKS:
        batches = [compare_away_from_kinks(name, dtype) for dtype in TOLERANCE]
        figures = [largest(tried, kind) for tried in batches for kind in COLUMNS]
        tensors = str(len(batches[0][0].gradients))
        print("|".join(["", name, str(SIZES[name]), tensors, *figures, ""]), flush=True)


def largest(deviations: list, kind: str) -> str:
    """The last batch's figure, and those before it that met a kink."""
    figures = [f"{max(getattr(one, kind).values()):.1e}" for one in deviations]
    kinks = f" ({', '.join(figures[:-1])} at a kink)" if len(figures) > 1 else ""
    return figures[-1] + kinks


if __name__ == "__main__":
    main()
