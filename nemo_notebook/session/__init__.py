"""One project's workflow: route, send, verify, tell; the backend it runs on; the sync face."""
