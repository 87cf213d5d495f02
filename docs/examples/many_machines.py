"""Train on many processes. After any stop, the same command goes on from the last checkpoint."""

import shutil
import sys
from pathlib import Path

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from torch.distributed.checkpoint.state_dict import get_state_dict, set_state_dict
from torch.distributed.fsdp import fully_shard

from labml_nn_optim import AdaBelief

folder = Path(sys.argv[1])  # where all machines can read and write
dist.init_process_group()  # torchrun has told this process which one it is
rank, size = dist.get_rank(), dist.get_world_size()

torch.manual_seed(0)  # the same first weights everywhere
model = torch.nn.Sequential(torch.nn.Linear(32, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
model = fully_shard(model)
optimizer = AdaBelief(model.parameters(), lr=1e-2)  # made of shards, so its state is sharded too


def batch(step):
    """Which of the first ten numbers is the largest? The same question whenever it is asked."""
    numbers = torch.randn(60, 32, generator=torch.Generator().manual_seed(step))
    return numbers, numbers[:, :10].argmax(1)


def state():
    weights, memory = get_state_dict(model, optimizer)
    return {"model": weights, "optimizer": memory}


done = 0
if checkpoints := sorted(folder.glob("step-*")):
    saved = state()
    dcp.load(saved, checkpoint_id=checkpoints[-1])
    set_state_dict(
        model, optimizer, model_state_dict=saved["model"], optim_state_dict=saved["optimizer"]
    )
    done = int(checkpoints[-1].name.removeprefix("step-"))

if rank == 0:  # what a run that was killed had begun to write
    shutil.rmtree(folder / "unfinished", ignore_errors=True)

for step in range(done + 1, 101):
    numbers, largest = batch(step)
    loss = torch.nn.functional.cross_entropy(model(numbers[rank::size]), largest[rank::size])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 20 == 0:
        dcp.save(state(), checkpoint_id=folder / "unfinished")
        if rank == 0:  # a checkpoint gets its name when all of it is there
            (folder / "unfinished").rename(folder / f"step-{step:06}")
            print(f"step {step}: loss {loss.item():.3f}")

dist.destroy_process_group()
