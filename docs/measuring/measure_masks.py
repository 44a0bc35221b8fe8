"""Times FlexAttention's code with and without a causal mask over the very same tiles, all of them full.

    python3 measure_masks.py OUT.jsonl

The rounds of all launches are interleaved, as in measure_prefill.py.
"""
import json
import statistics
import sys

import torch
from torch.nn.attention.flex_attention import BlockMask, flex_attention

from measure_prefill import causal_mask
from rows import Timed, key_tiles

torch._dynamo.config.cache_size_limit = 512
torch._dynamo.config.recompile_limit = 512

TILE = 128
SHAPES = [(d, n, h) for d in (128, 64) for n, h in ((4096, 32), (8192, 32), (16384, 32), (32768, 8))]


def full_tiles(heads, n, masked):
    """Every tile that the heads visit without a causal mask, given to the kernel as one without entries to mask."""
    n_tiles = n // TILE
    none = torch.zeros(1, len(heads), n_tiles, dtype=torch.int32)
    count = torch.zeros_like(none)
    full = torch.zeros(1, len(heads), n_tiles, n_tiles, dtype=torch.int32)
    for h, head in enumerate(heads):
        for i in range(n_tiles):
            kept = key_tiles(head, i, n_tiles, False)
            count[0, h, i] = len(kept)
            full[0, h, i, :len(kept)] = torch.tensor(kept, dtype=torch.int32)
    return BlockMask.from_kv_blocks(none.cuda(), torch.zeros_like(full).cuda(), count.cuda(), full.cuda(),
                                    BLOCK_SIZE=(TILE, TILE), mask_mod=causal_mask if masked else None,
                                    seq_lengths=(n, n)), int(count.sum())


def main():
    compiled = torch.compile(flex_attention, dynamic=False)
    pool = torch.cuda.graph_pool_handle()
    timed = []
    for d, n, h in SHAPES:
        q, k, v = (torch.randn(1, h, n, d, device="cuda", dtype=torch.bfloat16) for _ in range(3))
        for kind, heads in {
            "dense": [{"kind": "dense"}] * h,
            "streaming": [{"kind": "streaming", "sink": 1, "window": 8}] * h,
            "random": [{"kind": "random", "density": 0.3, "seed": i} for i in range(h)],
        }.items():
            both = []
            for masked in (True, False):
                mask, tiles = full_tiles(heads, n, masked)
                both.append(Timed([lambda q=q, k=k, v=v, mask=mask: compiled(q, k, v, block_mask=mask)] * 4, pool))
            row = {"gpu": torch.cuda.get_device_name(0), "torch": torch.__version__, "head_dim": d, "kv_len": n,
                   "heads": h, "kind": kind, "tiles": tiles}
            timed.append((row, both))
    for _ in range(3):
        for _, both in timed:
            for one in both:
                one.round()
    with open(sys.argv[1], "w") as out:
        for row, (masked, unmasked) in timed:
            row["masked"], row["unmasked"] = masked.result(), unmasked.result()
            row["longer_percent"] = 100 * (row["unmasked"]["median_ms"] / row["masked"]["median_ms"] - 1)
            out.write(json.dumps(row) + "\n")
            print(row["head_dim"], row["kv_len"], row["kind"], "%.2f" % row["longer_percent"])
    for d in (128, 64):
        longer = [row["longer_percent"] for row, _ in timed if row["head_dim"] == d]
        print("head_dim %d: without a mask %.2f %% longer (mean of %d), %.2f to %.2f"
              % (d, statistics.mean(longer), len(longer), min(longer), max(longer)))


if __name__ == "__main__":
    main()
