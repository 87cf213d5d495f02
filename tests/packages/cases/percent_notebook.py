# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.16.1
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Image processing
#
# Some *words* on the image, and a formula $x_t^2$:
#
# $$\mu = \frac{1}{n} \sum_i x_i$$
#
# ## First
# - one
# - two

# %%
import numpy as np
# a comment in a cell
x = np.ones(3)

# %% A title
y = x + 1

# %% [markdown]
"""
Text in quotes, with a [link](https://example.org).
"""

# %% tags=["hide"]
z = y
# %% [raw]
# raw text
