"""
# CRLF

Prose.
"""
x = """
# in a string
"""
# Comment
y = 1
