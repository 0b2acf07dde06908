"""The commands of `%nemo` by subject; `registry.py` is the one place where they are registered."""
