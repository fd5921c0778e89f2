"""A process that publishes a small version through `Repository`, as export does.

    python publisher.py ROOT MODEL [VERSION]

Says `ready`, waits for a line, and says the number of the version it has published.
"""

import subprocess
import sys

from kerasheet_serving import Manifest, Repository, TensorSpec, write_manifest

FILES, BYTES = 20, 20_000
TENSORS = (TensorSpec("x", "float32", ("batch",)),)


def write_version(root, name="M", version=None, files=FILES):
    with Repository(root).stage(name, version) as staging:
        variables = staging.path / "variables"
        variables.mkdir()
        for number in range(files):
            (variables / f"{number}").write_bytes(bytes([number]) * BYTES)
        manifest = Manifest(name, staging.version, TENSORS, TENSORS)
        write_manifest(staging.path, manifest)
        return staging.publish()


def start(*arguments):
    """The process, once it is ready."""
    process = subprocess.Popen(
        [sys.executable, __file__, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n", process.stderr.read()
    return process


def go(process):
    process.stdin.write("\n")
    process.stdin.flush()


def main(root, name, version=None):
    print("ready", flush=True)
    input()
    path = write_version(root, name, None if version is None else int(version))
    print(path.name)


if __name__ == "__main__":
    main(*sys.argv[1:])
