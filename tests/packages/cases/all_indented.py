"""
    ast
    ~~~

    The module helps with trees. All of its text stands further in.

        tree = parse("1")


    :license: None.
"""
x = 1
