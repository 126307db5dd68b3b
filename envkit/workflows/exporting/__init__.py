"""A policy as files that need no envkit: for a small computer, a robot, a web page."""
