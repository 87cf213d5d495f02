"""What each optimizer promises, apart from taking the right steps."""
