"""The text that comes with Python: no download."""

from pydoc_data.topics import topics


def pydocs() -> str:
    """The English of Python's own language reference, as `help()` shows it.

    About 465,000 characters, of which some differ from one Python to the next.

    Returns:
        Every topic, in the order of their names, with an empty line between two.

    Example:
    >>> "The `assert` statement" in pydocs() or 'The "assert" statement' in pydocs()
    True
    """
    return "\n\n".join(topics[name] for name in sorted(topics))
