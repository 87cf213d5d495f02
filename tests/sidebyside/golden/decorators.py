"""Decorators stay with what they decorate."""
import functools

registry = {}


# A decorator that takes arguments
# and spans lines.
@functools.lru_cache(
    # comments inside the decorator are code
    maxsize=None,
)
# so is a comment between decorator and definition
@functools.wraps(
    len
)
def cached(
    x,  # a trailing comment
    # a comment between parameters
    y=None,
):
    # noqa: D400
    # a comment before the docstring stays where it is
    """### Cached

    Prose.
    """
    return x


@(
    registry.setdefault
)("key")
class Registered:
    @property
    def value(self):
        """The value."""
        return 1

    @value.setter
    def value(self, new):
        # Setting does nothing.
        pass


@overload
def either(x: int) -> int: ...


@typing.overload
def either(x: str) -> str: ...


def either(x):
    """## Either"""
    return x
