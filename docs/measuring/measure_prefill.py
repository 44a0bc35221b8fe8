"""Times PyTorch's flex_attention with a block mask per head, on shapes that other measurements have few of.

    python3 measure_prefill.py OUT.jsonl [KNOWN.jsonl]

From KNOWN.jsonl some rows are measured again, to see how far two runs, cards and days differ. The rounds of all rows are
interleaved.
"""
import json
import math
import sys

import torch
from torch.nn.attention.flex_attention import BlockMask, flex_attention

from rows import Timed, interleave, key_tiles, mixtures, prefill_row, write

torch._dynamo.config.cache_size_limit = 512
torch._dynamo.config.recompile_limit = 512


def causal_mask(b, h, q, k):
    return q >= k


def block_mask(heads, n, tile, causal):
    n_tiles = math.ceil(n / tile)
    partial_n = torch.zeros(1, len(heads), n_tiles, dtype=torch.int32)
    partial = torch.zeros(1, len(heads), n_tiles, n_tiles, dtype=torch.int32)
    full_n = torch.zeros(1, len(heads), n_tiles, dtype=torch.int32)
    full = torch.zeros(1, len(heads), n_tiles, n_tiles, dtype=torch.int32)
    tiles = 0
    for h, head in enumerate(heads):
        for i in range(n_tiles):
            kept = key_tiles(head, i, n_tiles, causal)
            tiles += len(kept)
            whole = [j for j in kept if not (causal and j == i)]
            full_n[0, h, i] = len(whole)
            full[0, h, i, :len(whole)] = torch.tensor(whole, dtype=torch.int32)
            if causal:
                partial_n[0, h, i] = 1
                partial[0, h, i, 0] = i
    move = lambda x: x.cuda()
    return BlockMask.from_kv_blocks(move(partial_n), move(partial), move(full_n), move(full), BLOCK_SIZE=(tile, tile),
                                    mask_mod=causal_mask if causal else None, seq_lengths=(n, n)), tiles


def flex_launch(compiled, q, k, v, mask, tile):
    # The kernel's own choice is 128, which 64-token tiles do not hold.
    options = {"BLOCK_M": 64, "BLOCK_N": 64} if tile == 64 else None
    gqa = q.shape[1] != k.shape[1]
    return lambda: compiled(q, k, v, block_mask=mask, enable_gqa=gqa, kernel_options=options)


SHAPES = [  # head_dim, tile, query heads, KV heads, tokens, batch, causal
    (64, 128, 6, 2, 1024, 1, True), (64, 128, 6, 2, 2048, 1, True), (64, 128, 6, 2, 4096, 1, True),
    (64, 128, 6, 2, 8192, 1, True), (64, 128, 6, 2, 2048, 4, True), (64, 128, 6, 2, 1024, 64, True),
    (64, 128, 6, 2, 2048, 64, True), (64, 128, 6, 2, 4096, 64, True),
    (64, 64, 6, 2, 4096, 1, True), (64, 64, 12, 4, 8192, 1, True), (64, 64, 12, 4, 2048, 4, True),
    (128, 64, 12, 4, 2048, 1, True), (128, 64, 12, 4, 4096, 1, True), (128, 64, 12, 4, 8192, 4, True),
    (128, 64, 32, 8, 8192, 1, True), (128, 128, 12, 4, 4096, 1, True), (128, 128, 12, 4, 4096, 4, True),
    (128, 128, 32, 8, 2048, 64, True), (32, 128, 12, 4, 4096, 1, True), (32, 128, 12, 4, 8192, 4, True),
    (32, 64, 12, 4, 4096, 1, True), (64, 128, 12, 12, 8192, 1, False), (64, 64, 12, 12, 4096, 4, False),
]


def main():
    torch.manual_seed(0)
    compiled = torch.compile(flex_attention, dynamic=False)
    timed, rows = [], []
    wanted = [(shape, heads, None) for shape in SHAPES for heads in mixtures(shape[2], math.ceil(shape[4] / shape[1]))]
    if len(sys.argv) > 2:
        known = [json.loads(line) for line in open(sys.argv[2])]
        large = [r for r in known if r["head_dim"] == 128 and r["tile"] == 128 and r["kv_len"] == 8192 and r["causal"]]
        small = [r for r in known if r["tile"] == 64]
        for r in large[:: max(1, len(large) // 8)][:8] + small[:: max(1, len(small) // 4)][:4]:
            shape = (r["head_dim"], r["tile"], r["q_heads"], r["kv_heads"], r["kv_len"], r["batch"], r["causal"])
            wanted.append((shape, r["heads"], r["median_ms"]))
    inputs, sdpa = {}, {}
    for shape, heads, known_ms in wanted:
        d, tile, h, kv, n, b, causal = shape
        if shape not in inputs:
            make = lambda hh: torch.randn(b, hh, n, d, device="cuda", dtype=torch.bfloat16)
            inputs[shape] = (make(h), make(kv), make(kv))
        q, k, v = inputs[shape]
        mask, tiles = block_mask(heads, n, tile, causal)
        try:
            timing = Timed([flex_launch(compiled, q, k, v, mask, tile)] * 4)
        except Exception as problem:
            print("left out", shape, type(problem).__name__, str(problem)[:200])
            continue
        row = prefill_row("flex_attention", shape, heads, tiles)
        if known_ms:
            row["measured_before_ms"] = known_ms
        elif all(head["kind"] == "dense" for head in heads):
            dense = lambda q=q, k=k, v=v, c=causal, gqa=h != kv: torch.nn.functional.scaled_dot_product_attention(
                q, k, v, is_causal=c, enable_gqa=gqa)
            sdpa[len(rows)] = Timed([dense] * 4)
        timed.append(timing)
        rows.append(row)
    interleave([*timed, *sdpa.values()])
    for row, timing in zip(rows, timed):
        row.update(timing.result())
    for at, timing in sdpa.items():
        rows[at]["sdpa_median_ms"] = timing.result()["median_ms"]
    write(sys.argv[1], rows)
    for row in rows:
        if "measured_before_ms" in row:
            print("again", row["measured_before_ms"], row["median_ms"])
    print(len(rows), "rows")


if __name__ == "__main__":
    main()
