"""
How long a step takes, beside other people's optimizers, in one run on one machine:

    make bench          ten minutes, and 14 GB of memory
    make bench-quick    one minute, on tiny tensors: does everything work?

The first writes `docs/facts/speed.json`, from which the site's page and its charts are made.
Nothing here is part of the package.
"""
