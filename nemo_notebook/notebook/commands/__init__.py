"""The commands of `%nemo`, one file each; `table.py` registers them."""
