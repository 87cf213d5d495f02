"""Terms that are explained further in.

These are the parameters:

    `block_start`
        The string marking the beginning of a block.  Defaults to ``'{%'``.

    `line_prefix`
        If given and a string, this will be used as prefix.  See :ref:`lines`.

        .. versionadded:: 2.2

loc : number
    Where it stands, and $\\text{max_len}$ is as written.

    It may be left out.

scale
    How wide it is::

        f(2, scale=3)

A sentence that
    goes on further in.
"""


def f(x, scale=1):
    """Twice a number.

    Notes
    -----
    1. ``a``: ``m = 0`` and ``g = 1``
    2. ``b``: ``m = 0`` and
       ``g = 2``
    """
    # It returns a number. Example:
    # >>> f(1)  # two
    # 2
    return 2 * x * scale
