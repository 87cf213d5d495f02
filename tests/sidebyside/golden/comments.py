#!/usr/bin/env python
# -*- coding: utf-8 -*-
# Copyright notice, before any code.
#
# Second paragraph.
import os  # trailing comments are code
# type: ignore
#no space
##  Two marks
#	tab
x = [
    1,  # one
    # inside a list
    2,
]
y = (1 +
# inside an expression, at the margin
     2)
z = 1 + \
    2
# ------------------------------------
# A divider
# ------------------------------------

# fmt: off
matrix = [1,0,
          0,1]
# fmt: on
# Prose,
# pragma: no cover
# and again prose.
#
#
if x:
    # Indented
  # less, which Python allows
    y = 1
# At the margin, inside no block
else:
    y = 2  # noqa

    # The last line of a block
    #     with an indented line
    # of comments

#: described like this
attribute = 1
#region folded
# region of attraction
# type of thing
# noqa: E501
# %% cell
#

#
# The end.
# That is in which coding: any.
