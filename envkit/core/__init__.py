"""The types everyone imports. Needs numpy and gymnasium only, and most files not even those."""
