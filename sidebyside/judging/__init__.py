"""Is a claim true? One judge for each kind of claim."""
