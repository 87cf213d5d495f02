"""How it is used.

Some ways to use it:

1. Install functions:

server = Server(("localhost", 8000))
server.serve()

2. Install an instance, and more:

   - its methods
   - its `_private` names

3. Neither. See this:
- a list close to its text

5. There is no fourth.
"""

######################################################################
## 2. Example & Test
######################################################################
## - An "example" is a <source, want> pair.
##
## - A "test" is a collection of examples.


def statement():
    # 1. Skip white space.
    pos = 1
    # 2. Parse rules. Expect one of:
    #    - end of file
    #    - end of line
    # 3. Skip it again.
    return pos
