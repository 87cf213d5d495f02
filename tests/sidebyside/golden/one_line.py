"""A module docstring and code on one line"""; import os; import sys
def f(): "doc"
def g(): """starts here
and ends there"""
class C: """doc"""
class D: x = 1; y = 2
def h(): return lambda x: x  # trailing
async def i(): pass
if True: x = 1; y = """
a string"""; z = 2
def j():
    """doc"""; return 1
def k():
    """doc
    ends"""; return 1
