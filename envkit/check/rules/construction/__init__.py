"""Making an environment: import, constructor, spaces, metadata."""
