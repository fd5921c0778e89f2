"""The language model's perplexities, printed.

    python benchmarks/perplexities.py published    # ten minutes
    python benchmarks/perplexities.py ngram        # eight minutes

`published`: the book's recipe on the first 10,000 characters of the time machine.

`ngram`: a recurrent network and the best n-gram on the whole book's held-out tail.

Both need the time machine in `$KERAS_HOME/datasets`.
"""

import itertools
import os
import sys
import time
from typing import Any

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}

from kerasheet.data import time_machine
from kerasheet.language import NGram, make_corpus
from kerasheet.training import default_recipe
from kerasheet.training.task import make_task

RUNS = ((512, "consecutive"), (512, "random"), (256, "consecutive"), (256, "random"))
SMOOTHINGS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5)
WHOLE_BOOK: dict[str, Any] = {
    "model_arguments": {"units": 512, "num_layers": 2, "stddev": None},
    "optimizer": "adam",
    "learning_rate": 2e-3,
    "schedule": "cosine",
    "warmup": 200,
    "weight_decay": 0.7,
    "batch_size": 16,
    "epochs": 45,
    "text": {"sampling": "random", "steps": 64, "tokens": 10**9},
}
"""Without the warm-up the states saturate first, and with consecutive sampling the
windows are the same in every epoch: the RNN then loses to the n-gram."""


def published() -> None:
    """Print a row per run of the book."""
    print("hidden | sampling | perplexity at 100, 200 … 500 epochs | seconds")
    for units, sampling in RUNS:
        recipe = default_recipe(
            "rnn_lm",
            "time_machine",
            model_arguments={"units": units},
            text={"sampling": sampling},
        )
        task, started = make_task(recipe), time.perf_counter()
        perplexity = task.fit((), 0).history["perplexity"]
        seconds = time.perf_counter() - started
        figures = " ".join(f"{one:.3f}" for one in perplexity[99::100])
        print(units, sampling, figures, f"{seconds:.0f}", sep=" | ", flush=True)


def ngram() -> None:
    """Print the best n-gram and the network, both chosen on validation text."""
    corpus = make_corpus(time_machine())
    tried = []
    for order, smoothing in itertools.product(range(1, 9), SMOOTHINGS):
        model = NGram(order, len(corpus.vocabulary), smoothing).fit(corpus.train)
        tried.append((model.perplexity(corpus.validation), order, smoothing))
    validation, order, smoothing = min(tried)
    best = NGram(order, len(corpus.vocabulary), smoothing).fit(corpus.train)
    print("model | validation perplexity | test perplexity | seconds")
    name = f"{order}-gram, smoothing {smoothing:g}"
    print(name, f"{validation:.3f}", f"{best.perplexity(corpus.test):.3f}", sep=" | ")
    task = make_task(default_recipe("rnn_lm", "time_machine", **WHOLE_BOOK))
    started = time.perf_counter()
    task.fit((), 0)
    seconds = time.perf_counter() - started
    figures = task.measure()
    numbers = [f"{figures[part]['perplexity']:.3f}" for part in ("validation", "test")]
    print("rnn_lm", *numbers, f"{seconds:.0f}", sep=" | ")


def main() -> None:
    """Run the parts named on the command line."""
    parts = {"published": published, "ngram": ngram}
    for name in sys.argv[1:] or parts:
        parts[name]()


if __name__ == "__main__":
    main()
