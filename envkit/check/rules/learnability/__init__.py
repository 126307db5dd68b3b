"""Smells that keep an agent from learning."""
