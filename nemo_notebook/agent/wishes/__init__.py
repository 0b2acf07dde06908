"""What wishes do: for each frame a function of its name, in the module of its domain."""
