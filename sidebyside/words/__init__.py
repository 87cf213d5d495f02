"""What docstrings say of arguments and classes, compared with the code."""
