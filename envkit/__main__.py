"""`python -m envkit` is `envkit`."""

from envkit.cli.main import main

if __name__ == "__main__":
    main()
