"""The timeline: what is drawn, and what hands do with it."""
