"""The uploads: files on their way from a page into a session."""
