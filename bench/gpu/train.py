"""A small transformer trained in bf16: a tenant that keeps the GPU busy. Prints a line of JSON a second.

    python3 train.py --name a --seconds 20

A line has name, tMonoNs (CLOCK_MONOTONIC) and steps (finished on the GPU since the start); the first line comes when the
model has warmed up. Synthetic data; the loss falls, which shows that the training is real.
"""
import argparse
import json
import time

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, length, width))
        return x + self.mlp(self.norm2(x))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--name", default="train")
    options.add_argument("--seconds", type=float, default=20, help="after the warm-up")
    options.add_argument("--layers", type=int, default=8)
    options.add_argument("--width", type=int, default=1024)
    options.add_argument("--batch", type=int, default=16)
    options.add_argument("--length", type=int, default=512)
    given = options.parse_args()

    torch.manual_seed(1)
    vocabulary = 8192
    model = nn.Sequential(
        nn.Embedding(vocabulary, given.width),
        *[Block(given.width, given.width // 64) for _ in range(given.layers)],
        nn.Linear(given.width, vocabulary),
    ).to("cuda", torch.bfloat16)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    tokens = torch.randint(0, vocabulary, (given.batch, given.length + 1), device="cuda")

    def step():
        logits = model(tokens[:, :-1])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1).float(), tokens[:, 1:].flatten())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss

    first = step().item()
    for _ in range(10):
        last = step()
    torch.cuda.synchronize()
    free, total = torch.cuda.mem_get_info()
    steps, done = 0, []
    start = time.monotonic()
    report = start
    loss = last
    while True:
        now = time.monotonic()
        if now >= report:
            report += 1
            print(json.dumps({"name": given.name, "tMonoNs": time.monotonic_ns(), "steps": steps - len(done),
                              "memoryTotal": total, "memoryFree": free}), flush=True)
            if now - start >= given.seconds:
                break
        loss = step()
        steps += 1
        event = torch.cuda.Event()
        event.record()
        done.append(event)
        while done and (len(done) > 4 or done[0].query()):  # at most four steps ahead of the GPU
            done.pop(0).synchronize()
    torch.cuda.synchronize()
    print(json.dumps({"name": given.name, "final": True, "firstLoss": first, "lastLoss": loss.item(), "steps": steps}),
          flush=True)


if __name__ == "__main__":
    main()
