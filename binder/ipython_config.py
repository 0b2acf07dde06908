"""Defaults on Binder: a guest there has one CPU, 2 GB of memory, and 1 Mbit/s to see a film over."""

c = get_config()  # noqa: F821 - IPython brings it

c.NemoMagics.backend = "local"
c.NemoMagics.resolution = "480p"
c.NemoMagics.quality = "low"
