"""`kerasheet models` and `kerasheet devices`: what there is."""

from functools import partial

from rich.table import Table

from kerasheet.cli.app import app
from kerasheet.console import console, load_tensorflow


@app.command()
def models() -> None:
    """List the models and the data they can be trained on."""
    load_tensorflow()
    from kerasheet.data import DATA, TEXTS
    from kerasheet.models import MODELS

    table = Table("model", "what it is", "source")
    for name, build in MODELS.items():
        if isinstance(build, partial):
            form = ", ".join(f"{key}={value}" for key, value in build.keywords.items())
            table.add_row(name, f"{build.func.__name__} with {form}")
            continue
        lines = (build.__doc__ or "").splitlines()
        [source] = [line.split("Source: ")[1] for line in lines if "Source: " in line]
        table.add_row(name, lines[0], source)
    console.print(table)
    console.print(f"Images: {', '.join(DATA)}")
    console.print(f"Texts, for rnn_lm: {', '.join(TEXTS)}, or a text file")
    console.print("Train one: kerasheet train lenet_batch_norm --data digits")


@app.command()
def devices() -> None:
    """Show what TensorFlow computes on, and why not on a GPU."""
    load_tensorflow()
    from kerasheet.devices import cuda_build, list_devices, why_no_gpu

    table = Table("device", "model", "memory", "cores")
    for device in list_devices():
        cores = "" if device.cores is None else str(device.cores)
        table.add_row(device.name, device.model, device.size(), cores)
    console.print(table)
    console.print(cuda_build())
    console.print(why_no_gpu() or "The GPU is used, without a flag.")
