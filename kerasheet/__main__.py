"""`python -m kerasheet` is the `kerasheet` command."""

from kerasheet.cli import main

main()
