r"""
# Raw: \beta stays, and so does "\n"

    x = 1

"""
text = """
# not a comment
def not_a_function(): pass
\""" still inside \"""
"""
'''not a docstring'''


def plain():
    """
    Not raw: \beta, \frac{a}{b} \\
    A row that ends in two backslashes \\
    continued \
    here, with an escaped \"""quote\""" and \'another\'.
    """
    f"""not a docstring {1 + 1} # nor a comment"""
    return '# no', "'''", '"""'


def continued():
    """\
    Starts after a continuation,
      keeps relative indentation
    and its text.
    """


def single():
    'In single \
quotes.'


def joined():
    "Two strings " "are code."


def parenthesized():
    (
        "In parentheses: code."
    )


def bytestring():
    b"Not a docstring."


def formatted():
    f"Not a docstring either."


def indented():
    """First line

        a formula

      less indented"""


def hanging():
    u"""First
  to the left of the quotes
    rest"""  # noqa: D400


def remarked():
    """A docstring."""  # with a remark


def empty():
    """"""


def blank():
    """

    """
    return


class OnlyDocstring:
    """
    Nothing else.

    """
