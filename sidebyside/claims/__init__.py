"""What a source claims, and what each of its symbols is."""
