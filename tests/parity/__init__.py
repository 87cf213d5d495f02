"""The optimizers here beside those of other people: the same gradients in, the same steps out."""
