type Pair[T] = tuple[T, T]


class Box[T: (int, str)]:
    """## Box"""

    def get[U](self, default: U) -> T | U:
        # Either
        return default
