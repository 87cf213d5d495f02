def classify(command):
    """### Match statements"""
    match command:
        # Nothing to do
        case []:
            return None
        case [x] if (
            # guarded
            x
        ):
            def inside():
                """Defined in a case."""
            return inside
        # Anything else
        case _:
            match = 1  # a soft keyword as a name
            return match
