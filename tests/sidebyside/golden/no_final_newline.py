def f():
    """No final newline"""
    return 1  # here