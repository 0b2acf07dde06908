"""Edits of how pictures look, of their shape and joins, and of the length of the film."""
