"""One rule a file, named for the fault; its docstring is its page in the docs, and is run as its test."""
