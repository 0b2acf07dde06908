"""The timeline as a vector picture."""
