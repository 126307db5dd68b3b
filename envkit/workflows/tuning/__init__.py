"""Searching the hyper-parameters of a deep learner."""
