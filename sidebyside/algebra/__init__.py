"""What a formula is worth: as a number, as an expression, and where it breaks."""
