"""Running real code, and keeping what it computed."""
