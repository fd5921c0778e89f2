"""Numbers and directories of new versions."""
