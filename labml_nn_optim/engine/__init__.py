"""
# How a step is executed

Nothing here knows a formula. It lines parameters up, and has the annotated methods compiled.
"""
