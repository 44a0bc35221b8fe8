"""Times rows that were measured before once more, to see how far two runs, cards and days differ.

    python3 measure_again.py KNOWN.jsonl[.gz] OUT.jsonl

The rounds of all rows are interleaved, as in measure_prefill.py.
"""
import gzip
import json
import statistics
import sys

import torch
from torch.nn.attention.flex_attention import flex_attention

from measure_prefill import block_mask
from rows import Timed, base_row, write

torch._dynamo.config.cache_size_limit = 512
torch._dynamo.config.recompile_limit = 512


def main():
    torch.manual_seed(0)
    compiled = torch.compile(flex_attention, dynamic=False)
    reader = gzip.open if sys.argv[1].endswith(".gz") else open
    known = [row for row in map(json.loads, reader(sys.argv[1], "rt")) if row["phase"] == "prefill"]
    inputs = {}
    # Outputs are not looked at: all graphs may write theirs to the same memory.
    pool = torch.cuda.graph_pool_handle()
    timed, rows = [], []
    for before in known:
        d, tile, h, kv, n, b = (before[key] for key in ("head_dim", "tile", "q_heads", "kv_heads", "kv_len", "batch"))
        shape = (d, h, kv, n, b)
        if shape not in inputs:
            make = lambda heads: torch.randn(b, heads, n, d, device="cuda", dtype=torch.bfloat16)
            inputs[shape] = (make(h), make(kv), make(kv))
        q, k, v = inputs[shape]
        mask, tiles = block_mask(before["heads"], n, tile, before["causal"])
        assert tiles == before["tiles"], before
        options = {"BLOCK_M": 64, "BLOCK_N": 64} if tile == 64 else None
        run = lambda q=q, k=k, v=v, mask=mask, gqa=h != kv, options=options: compiled(
            q, k, v, block_mask=mask, enable_gqa=gqa, kernel_options=options)
        timed.append(Timed([run] * 4, pool))
        row = base_row("flex_attention", "prefill")
        for key in ("batch", "q_heads", "kv_heads", "head_dim", "q_len", "kv_len", "tile", "causal", "heads", "tiles"):
            row[key] = before[key]
        row["measured_before_ms"] = before["median_ms"]
        rows.append(row)
    for _ in range(3):
        for timing in timed:
            timing.round()
    for row, timing in zip(rows, timed):
        row.update(timing.result())
    write(sys.argv[2], rows)
    apart = sorted(abs(row["median_ms"] / row["measured_before_ms"] - 1) for row in rows)
    print(len(rows), "rows; again is apart by %.2f %% (mean), %.2f %% (95th percentile)"
          % (100 * statistics.mean(apart), 100 * apart[int(0.95 * len(apart))]))


if __name__ == "__main__":
    main()
