"""`python -m experiments` runs all experiments."""

from experiments.suite import main

# Guarded: worker processes import this file again.
if __name__ == "__main__":
    main()
