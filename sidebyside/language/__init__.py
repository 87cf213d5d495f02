"""What code may be written in, so that a run speaks for others."""
