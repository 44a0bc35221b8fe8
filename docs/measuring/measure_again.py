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

from measure_prefill import block_mask, flex_launch
from rows import Timed, interleave, prefill_row, write

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
        tensors = (d, h, kv, n, b)
        if tensors not in inputs:
            make = lambda heads: torch.randn(b, heads, n, d, device="cuda", dtype=torch.bfloat16)
            inputs[tensors] = (make(h), make(kv), make(kv))
        mask, tiles = block_mask(before["heads"], n, tile, before["causal"])
        assert tiles == before["tiles"], before
        timed.append(Timed([flex_launch(compiled, *inputs[tensors], mask, tile)] * 4, pool))
        row = prefill_row("flex_attention", (d, tile, h, kv, n, b, before["causal"]), before["heads"], tiles)
        row["measured_before_ms"] = before["median_ms"]
        rows.append(row)
    interleave(timed)
    for row, timing in zip(rows, timed):
        row.update(timing.result())
    write(sys.argv[2], rows)
    apart = sorted(abs(row["median_ms"] / row["measured_before_ms"] - 1) for row in rows)
    print(len(rows), "rows; again is apart by %.2f %% (mean), %.2f %% (95th percentile)"
          % (100 * statistics.mean(apart), 100 * apart[int(0.95 * len(apart))]))


if __name__ == "__main__":
    main()
