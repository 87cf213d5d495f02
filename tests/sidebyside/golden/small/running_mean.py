"""
# A mean that forgets

To average a stream of numbers one need not keep them. Keep the mean so far, and move it a little
towards each new number. Old numbers fade; how fast is a matter of choice.
"""


class RunningMean:
    """
    ## The mean, and how it moves

        mₜ ← β·mₜ₋₁ + (1 − β)·xₜ

    * $mₜ$ is `self.mean`, the mean after t numbers
    * $xₜ$ is `x`, the newest number
    * $β$ is `self.beta`, how slowly the mean forgets; it remembers about 1/(1 − β) numbers
    """

    def __init__(self, beta: float = 0.9) -> None:
        """### Nothing yet"""
        self.beta = beta
        self.mean = 0.0
        self.t = 0

    def add(self, x: float) -> float:
        """
        ### Take in one number

        Returns the mean, corrected for its start at zero.
        """
        self.t += 1
        # mₜ ← β·mₜ₋₁ + (1 − β)·xₜ
        self.mean = self.beta * self.mean + (1 - self.beta) * x
        # The weights of all numbers so far add up to $1 − βᵗ$, which is less than 1. Without this
        # division, early means would be too small: the first one by a factor of ten.
        return self.mean / (1 - self.beta**self.t)
