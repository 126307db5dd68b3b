"""What becomes of a report: files, tests, and trying its findings again."""
