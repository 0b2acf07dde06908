"""The exports: what is wished for, what is under way, what is there."""
