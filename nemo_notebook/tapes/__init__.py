"""What was said with a backend, written down, and played again without one. Knows httpx; knows no session."""
