"""Small functions for the tests of the mutants to break."""

from math import sqrt


def plus(a, b):
    return a + b


def update(state, group, grad, param):
    lr, eps = group["lr"], group["eps"]
    m, v = state["exp_avg"], state["exp_avg_sq"]
    v.mul_(0.9).addcmul_(grad, grad, value=1 - 0.9)
    if lr <= 5:
        param.addcdiv_(m, v.sqrt().add_(eps), value=-lr * sqrt(eps))
    return param


class Parent:
    def double(self, x):
        return 2 * x


class Child(Parent):
    def double(self, x):
        return super().double(x) + 1

    def again(self, x):
        return self.double(x)
