"""
# From a name in code to its definition

`scopes` knows which names a module binds and where they are visible, `program` what the modules
define and inherit, `inventory` what is documented elsewhere, and `meaning` what an expression
refers to. `names.py`, one level up, makes links of it.

jedi, tried in their place, takes a minute for the names in two hundred files, longer than all else
on their pages, and decides where the source leaves two answers open. `symtable` tells the scope of
a name, but not what is bound to it, nor where it stands.
"""
