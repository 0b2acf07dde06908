"""What is in a file: opening it safely, what kind of media it is, its sound, its beats."""
