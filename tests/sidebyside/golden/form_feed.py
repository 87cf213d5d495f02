"""Form feeds"""
import os

# After a page break
def f():
    """Ab"""
    x = ""
    return x
# Before a comment
y = " "  # separators that end no line in Python
z = 1
