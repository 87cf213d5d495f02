def outer():
    """## Outer"""
    def inner():
        """#### Inner"""

        class Innermost:
            """Deep."""
        return Innermost
    return inner  # belongs to outer again

    # After the last statement, by its indentation still outer.
# This one is at module level.
x = outer()


class A:
    class B:
        def f(self):
            pass
        y = 1
    z = lambda self: (
        # inside a lambda
        self
    )
    # A remark at the end of A.

if True:
    def conditional():
        pass
else:
    def conditional():
        """Another of the same name."""
try:
    def tried(): ...
except Exception:
    # The fallback
    def tried(): ...
for _ in ():
    class Looped: ...
done = True
