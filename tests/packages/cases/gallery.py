"""
.. _extract_surface_example:

Extract Surface
~~~~~~~~~~~~~~~

You can extract the surface of nearly any object within ``meshes``
using the :meth:`~meshes.Filters.extract_surface` filter.

The loss is :math:`\\sum_i (y_i - x_i)^2`.

.. note::

   This takes a while. See `the guide <https://example.org>`_.

.. seealso:: :ref:`other`
"""

# sphinx_gallery_thumbnail_number = 2
from __future__ import annotations

import numpy as np

# %%
# Create a quadratic cell and extract its surface
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
# Here we create one cell and then take its surface
# to demonstrate how that is done.


lin_pts = np.array(
    [
        [-1, -1, -1],  # point 0
        [1, -1, -1],  # point 1
    ],
    np.double,
)

# these are the "midside" points of a quad cell.  See the definition of a
# :class:`Hexahedron`.

quad_pts = np.array([(lin_pts[1] + lin_pts[0]) / 2])

###############################################################################
# Clip with Plane
# +++++++++++++++
#
# Clip any dataset by a user defined plane:
#
# .. math::
#
#    n \cdot (x - x_0) \ge 0
#
# .. code-block:: python
#
#    clip(normal="x")
#
# * First thing
# * Second thing

surf = quad_pts * 2

# %%
# .. rst-class:: sphx-glr-horizontal
#
# Nonlinear Surface Subdivision
# -----------------------------
# Should your grid contain quadratic cells, see
# https://example.org/2004/041617.pdf

surf_subdivided = surf
# %%
# .. tags:: filter
