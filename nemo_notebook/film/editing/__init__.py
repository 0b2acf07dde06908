"""From a table that was edited with pandas back to a draft."""
