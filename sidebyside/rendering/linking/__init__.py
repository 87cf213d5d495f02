"""
# From a name in code to its definition

`scopes` and `reader` know where a name is visible, `program` what the modules define and inherit,
`inventory` what is documented elsewhere, and `meaning`, with `types`, what an expression refers to.
`names.py`, one level up, makes links of it.
"""
