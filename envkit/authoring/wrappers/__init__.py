"""The wrappers that `--wrap` knows by name, each in a file of its own that defines `WRAPPER`."""
