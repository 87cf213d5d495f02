from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Only for types.
    from collections.abc import Callable

    class Fake:
        """Only for types."""
try:
    import a
# When it is missing
except ImportError:
    a = None
finally:
    # Always
    b = 1
with open(__file__) as f: data = f.read()
while False:
    pass
# Otherwise
else:
    c = \
        2
assert c
del c
global d
d = 1
