"""The deep learners, one file each."""
