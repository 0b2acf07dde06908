"""Many films at once: what is asked, what has come of it, and how it is run."""
