"""What a person sees: the magic, its commands, the display, the completion."""
