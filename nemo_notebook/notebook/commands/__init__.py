"""The commands of `%nemo` by subject; `table.py` is the one place where they are registered."""
