"""What a repository looks like from outside, for tests that break its writers."""

import os

from kerasheet_serving import Repository, read_manifest, verify_files


def names_below(root):
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


def leftovers(root):
    """What is hidden and not the memory of the numbers."""
    hidden = {path.name for path in root.rglob(".*")}
    return sorted(hidden - {".versions"})


def contents(root):
    """Every file and directory, byte by byte."""
    return {
        path.relative_to(root).as_posix(): path.is_file() and path.read_bytes()
        for path in root.rglob("*")
    }


def whole_versions(root, name="M"):
    """Numbers that readers see, after each has proven whole."""
    seen = Repository(root).models().get(name, ())
    for version in seen:
        directory = Repository(root).directory(name, version)
        manifest = read_manifest(directory)
        assert manifest.version == version
        verify_files(directory, manifest)
    assert seen == served_by_tensorflow(root / name)
    return seen


def served_by_tensorflow(model):
    """Versions that TensorFlow Serving finds: it tries each name as a number."""
    try:
        names = os.listdir(model)
    except FileNotFoundError:
        return ()
    return tuple(sorted(int(name) for name in names if _is_integer(name)))


def _is_integer(name):
    try:
        int(name)
    except ValueError:
        return False
    return True
