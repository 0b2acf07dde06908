"""The chat: what is said, what comes back, what could be said next."""
