"""Trains the model; resumes from a checkpoint.

    python train.py --steps 5000 --out checkpoints/model.pt [--resume FILE] [--data DIR] [--seed N]
    torchrun --nproc-per-node 4 train.py …    # several GPUs: each takes its own crops

Minimises R + lambda D with lambda drawn per crop over the whole range. Each crop's loss is divided by the
running mean loss at its lambda, so that every rate weighs the same. The head that predicts the residual's
scale is trained by -log2 P_dec(x | z) beside it, without touching the rest. D is the mean squared error, or
with `--tune visual` mostly what SSIMULACRA 2.1 sees (distortion.py).
"""

import argparse
import copy
import math
import os
import time
from pathlib import Path

import torch
import torch.distributed as dist
import torch.nn as nn

import data
from distortion import distortion
from drawings import drawings
from evaluate import validate
from model import ANCHORS, Model, lambda_of, residual_bits
from muon import Muon

PEAK_RATE, LINEAR_FACTOR, RESIDUAL_WEIGHT, EMA_DECAY = 1e-3, 0.02, 0.01, 0.998
POSITION_POWER = 1.3  # low rates, where few latents teach, are drawn more often
DRAWINGS, DRAWING_SEED = 160, 7
RESIDUAL_PART = 4  # one crop of so many teaches the residual's scale: a small head, and a slow loss


def learning_rate(done, iteration, peak):
    return peak * min(1, (iteration + 1) / 100) * 0.5 * (1 + math.cos(math.pi * done)) + 1e-5


class LossScale:
    """The running mean of R + lambda D at each of a few positions t."""

    def __init__(self):
        self.mean = None

    def __call__(self, t, loss):
        index = (t * ANCHORS).long().clamp(max=ANCHORS - 1)
        if self.mean is None:
            self.mean = torch.full((ANCHORS,), loss.detach().mean().item())
        for i, value in zip(index.tolist(), loss.detach().tolist()):
            self.mean[i] = 0.98 * self.mean[i] + 0.02 * value
        return loss / self.mean.to(loss.device)[index]


class Processes:
    """The processes that torchrun started, one for each GPU; or this one alone."""

    def __init__(self):
        has_gpu = torch.cuda.is_available()
        self.count, self.rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
        self.device = f"cuda:{os.environ.get('LOCAL_RANK', 0)}" if has_gpu else "cpu"
        if has_gpu:
            torch.cuda.set_device(self.device)
        if self.count > 1:
            dist.init_process_group("nccl" if has_gpu else "gloo")

    def agree(self, value):
        """The first process's value."""
        if self.count == 1:
            return value
        shared = torch.tensor([value], dtype=torch.float64, device=self.device)
        dist.broadcast(shared, 0)
        return shared.item()

    def average_gradients(self, parameters):
        if self.count == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([g.flatten() for g in gradients])
        dist.all_reduce(flat)
        for gradient, mean in zip(
            gradients, flat.div_(self.count).split([g.numel() for g in gradients])
        ):
            gradient.copy_(mean.view_as(gradient))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--steps", type=int, help="of the optimiser: repeatable")
    length.add_argument("--minutes", type=float, help="of the clock")
    parser.add_argument("--out", required=True)
    parser.add_argument("--resume")
    parser.add_argument("--data", default=os.environ.get("RDCODEC_DATA", "../shared/data"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--crop", type=int, default=192)
    parser.add_argument("--peak", type=float, default=PEAK_RATE)
    parser.add_argument(
        "--optimiser", choices=["muon", "adam"], default="muon", help="of dense layers"
    )
    parser.add_argument(
        "--drawings", type=float, default=0.08, help="fraction of crops from synthetic drawings"
    )
    parser.add_argument("--grey", type=float, default=0.04, help="fraction of crops without colour")
    parser.add_argument("--tune", choices=["psnr", "visual"], default="psnr")
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    processes = Processes()
    device = processes.device
    photographs = data.load(args.data + "/train", "*.webp")
    crops = data.Crops(
        photographs,
        drawings(DRAWINGS, DRAWING_SEED, photographs),
        args.drawings,
        args.grey,
        args.crop,
        args.seed + 1000 * processes.rank,
    )
    valid = data.load(args.data + "/valid", "*.png", 8) if processes.rank == 0 else None
    model = Model.load(args.resume, device) if args.resume else Model()
    model = model.to(device, memory_format=torch.channels_last)
    torch.manual_seed(args.seed + 1000 * processes.rank)
    average = copy.deepcopy(model)
    linear = model.linear_parameters()
    dense = (
        [m.weight for m in model.modules() if isinstance(m, nn.Conv2d) and m.groups == 1]
        if args.optimiser == "muon"
        else []
    )
    rest = [p for p in model.parameters() if all(p is not q for q in linear + dense)]
    optimisers = [
        torch.optim.Adam(
            [{"params": rest, "factor": 1.0}, {"params": linear, "factor": LINEAR_FACTOR}],
            args.peak,
            betas=(0.9, 0.98),
        )
    ]
    if dense:
        optimisers.append(Muon(dense, args.peak))
    loss_scale, start, iteration = LossScale(), time.time(), 0
    while (
        done := iteration / args.steps
        if args.steps
        else processes.agree((time.time() - start) / (args.minutes * 60))
    ) < 1:
        for group in (group for optimiser in optimisers for group in optimiser.param_groups):
            group["lr"] = group["factor"] * learning_rate(done, iteration, args.peak)
        x = crops.batch(args.batch).to(device).contiguous(memory_format=torch.channels_last)
        t = (
            (torch.arange(args.batch) + torch.rand(args.batch)).to(device) / args.batch
        ) ** POSITION_POWER
        # On a CPU without tile instructions bfloat16 is slower than binary32.
        with torch.autocast(x.device.type, dtype=torch.bfloat16, enabled=x.device.type == "cuda"):
            x_hat, scale, hyper_bits, latent_bits = model(x, t)
        pixels = x.shape[2] * x.shape[3]
        rate = (hyper_bits + latent_bits) / pixels
        loss = loss_scale(t, rate + lambda_of(t) * distortion(x_hat, x, args.tune)).mean()
        part = torch.randperm(args.batch)[: max(1, args.batch // RESIDUAL_PART)]
        loss = (
            loss
            + RESIDUAL_WEIGHT * (residual_bits(x[part], x_hat[part], scale[part]) / pixels).mean()
        )
        model.zero_grad()
        loss.backward()
        processes.average_gradients(model.parameters())
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser in optimisers:
            optimiser.step()
        iteration += 1
        decay = min(EMA_DECAY, iteration / (iteration + 10))
        with torch.no_grad():
            for a, p in zip(average.parameters(), model.parameters()):
                a.lerp_(p, 1 - decay)
        if iteration % 250 == 0 and processes.rank == 0:
            measured = validate(average, valid, device, args.tune)
            print(
                f"{iteration} {time.time() - start:.0f} s loss {loss.item():.4f} | {measured}",
                flush=True,
            )
            save(average, args)
    if processes.rank == 0:
        save(average, args)
        print("final", iteration, validate(average, valid, device, args.tune), flush=True)
    if processes.count > 1:
        dist.destroy_process_group()


def save(model, args):
    target = Path(args.out)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    model.save(part, args=vars(args))
    part.replace(target)


if __name__ == "__main__":
    main()
