"""
# Experiments

Small trainings that compare optimizers. `python -m experiments --help` runs all of them,
`python -m experiments.digits --help` a single one.
"""
