"""The player: the film, however its bytes come."""
