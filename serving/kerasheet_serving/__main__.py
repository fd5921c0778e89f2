"""`python -m kerasheet_serving` is `kerasheet-serve`."""

from kerasheet_serving.cli import main

if __name__ == "__main__":
    main()
