"""Times FlexAttention's code with and without a causal mask over the very same tiles, all of them full.

    python3 measure_masks.py OUT.jsonl

The rounds of all launches are interleaved, as in measure_prefill.py.
"""
import json
import statistics
import sys

import torch
from torch.nn.attention.flex_attention import BlockMask, flex_attention

from measure_prefill import block_mask, causal_mask, flex_launch
from rows import Timed, interleave

torch._dynamo.config.cache_size_limit = 512
torch._dynamo.config.recompile_limit = 512

TILE = 128
SHAPES = [(d, n, h) for d in (128, 64) for n, h in ((4096, 32), (8192, 32), (16384, 32), (32768, 8))]


def with_mask(mask, n):
    """The same tiles, all full, for the code that would mask others."""
    return BlockMask.from_kv_blocks(mask.kv_num_blocks, mask.kv_indices, mask.full_kv_num_blocks, mask.full_kv_indices,
                                    BLOCK_SIZE=(TILE, TILE), mask_mod=causal_mask, seq_lengths=(n, n))


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
            mask, tiles = block_mask(heads, n, TILE, False)
            both = [Timed([flex_launch(compiled, q, k, v, one, TILE)] * 4, pool) for one in (with_mask(mask, n), mask)]
            row = {"gpu": torch.cuda.get_device_name(0), "torch": torch.__version__, "head_dim": d, "kv_len": n,
                   "heads": h, "kind": kind, "tiles": tiles}
            timed.append((row, both))
    interleave(one for _, both in timed for one in both)
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
