"""What the runs did not show, and what takes a sign away."""
