"""One module a command, named like it: it defines `COMMAND`, and imports what is heavy inside the function."""
