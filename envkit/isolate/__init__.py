"""Code that may hang or die runs in a child process, and every way it can end becomes a verdict.

It contains accidents, not malice: run code that you do not trust in a container or a virtual machine.
"""
