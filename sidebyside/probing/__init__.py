"""Each operation, decision and number of running code, tried once more."""
