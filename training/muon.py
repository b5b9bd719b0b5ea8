"""Muon (Jordan 2024): momentum whose update is made orthogonal, for the weights of dense layers.

A convolution's kernel counts as a matrix of outputs by everything else. The update is scaled as Moonshot does
(Liu et al. 2025, arXiv 2502.16982), so that learning rates of Adam fit.
"""

import torch

MOMENTUM, STEPS, COEFFICIENTS = 0.95, 5, (3.4445, -4.7750, 2.0315)


def orthogonal(matrix):
    """About the nearest matrix whose singular values are 1, by a quintic Newton-Schulz iteration."""
    a, b, c = COEFFICIENTS
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(STEPS):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    def __init__(self, parameters, rate):
        super().__init__(parameters, {"lr": rate, "factor": 1.0})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                momentum = state.setdefault("momentum", torch.zeros_like(parameter))
                momentum.lerp_(parameter.grad, 1 - MOMENTUM)
                update = parameter.grad.lerp(momentum, MOMENTUM).flatten(1)
                scale = 0.2 * max(update.shape) ** 0.5
                parameter.add_(orthogonal(update).view_as(parameter), alpha=-group["lr"] * scale)
