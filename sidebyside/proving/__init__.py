"""What is true of all numbers, not only of those that were tried."""
