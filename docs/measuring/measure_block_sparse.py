"""Times block_sparse_prefill.cu: this project's own block-sparse attention over tile lists per head.

    python3 measure_block_sparse.py BLOCK_SPARSE_PREFILL.CU OUT.jsonl

Every configuration is first compared with PyTorch in float32 under the same token mask, lengths that no tile divides and
heads that share keys included, and the rounds of all configurations are interleaved.
"""
import math
import os
import sys

import cupy
import torch

from rows import Timed, interleave, key_tiles, mixtures, prefill_row, write


def kernel(source, head_dim, tile):
    headers = "-I" + os.path.join(os.path.dirname(os.path.abspath(sys.argv[1])), "..", "cuda-include")
    options = ("-O3", "-std=c++17", headers, f"-DHEAD_DIM={head_dim}", f"-DTILE={tile}")
    function = cupy.RawModule(code=source, backend="nvcc", options=options).get_function("block_sparse_prefill")
    function.max_dynamic_shared_size_bytes = (tile + 4 * 64) * head_dim * 2
    return function


class Prefill:
    def __init__(self, source, shape, heads, cache):
        self.d, self.tile, self.h, self.kv, self.n, self.b, self.causal = shape
        if (self.d, self.tile) not in cache:
            cache[self.d, self.tile] = kernel(source, self.d, self.tile)
        self.function = cache[self.d, self.tile]
        self.n_tiles = math.ceil(self.n / self.tile)
        self.lists = [[key_tiles(head, i, self.n_tiles, self.causal) for i in range(self.n_tiles)] for head in heads]
        start, tiles = [], []
        for lists in self.lists:
            start.append(len(tiles))
            for kept in lists:
                tiles += kept
                start.append(len(tiles))
        self.tiles = len(tiles)
        self.start = torch.tensor(start, dtype=torch.int32, device="cuda")
        self.list = torch.tensor(tiles, dtype=torch.int32, device="cuda")
        self.out = torch.empty(self.b, self.h, self.n, self.d, device="cuda", dtype=torch.bfloat16)
        self.lse = torch.empty(self.b, self.h, self.n, device="cuda")

    def launch(self, q, k, v):
        with cupy.cuda.Stream.from_external(torch.cuda.current_stream()):
            self.function((self.n_tiles, self.b, self.h), (self.tile * 2,), (
                q.data_ptr(), k.data_ptr(), v.data_ptr(), self.start.data_ptr(), self.list.data_ptr(),
                self.out.data_ptr(), self.lse.data_ptr(), cupy.int32(self.n), cupy.int32(self.kv),
                cupy.int32(2**31 - 1 if self.causal else 0), cupy.float32(math.log2(math.e) / math.sqrt(self.d))),
                shared_mem=(self.tile + 4 * 64) * self.d * 2)

    def check(self, q, k, v):
        self.launch(q, k, v)
        worst = 0.0
        for prompt, head in {(0, 0), (self.b - 1, self.h - 1), (0, self.h // 2)}:
            kv = head // (self.h // self.kv)
            visible = torch.zeros(self.n_tiles, self.n_tiles, dtype=torch.bool)
            for i, kept in enumerate(self.lists[head]):
                visible[i, kept] = True
            mask = visible.repeat_interleave(self.tile, 0).repeat_interleave(self.tile, 1)[:self.n, :self.n].cuda()
            if self.causal:
                mask = mask.tril()
            scores = q[prompt, head].float() @ k[prompt, kv].float().T / math.sqrt(self.d)
            scores = scores.masked_fill(~mask, -math.inf)
            want = torch.softmax(scores, -1) @ v[prompt, kv].float()
            got = self.out[prompt, head].float()
            worst = max(worst, ((got - want).norm() / want.norm()).item())
            lse = torch.logsumexp(scores, -1)
            worst = max(worst, ((self.lse[prompt, head] - lse).abs().max() / lse.abs().max()).item())
        assert worst < 6e-3, ((self.d, self.tile, self.h, self.kv, self.n, self.b, self.causal), worst)
        return worst


SHAPES = [  # head_dim, tile, query heads, KV heads, tokens, batch, causal
    (128, 128, 32, 8, 2048, 1, True), (128, 128, 32, 8, 8192, 1, True), (128, 128, 32, 8, 16384, 1, True),
    (128, 128, 12, 4, 4096, 4, True), (128, 64, 32, 8, 8192, 1, True), (128, 64, 12, 4, 4096, 1, True),
    (64, 128, 6, 2, 1024, 64, True), (64, 128, 6, 2, 4096, 64, True), (64, 128, 32, 8, 8192, 1, True),
    (64, 64, 12, 4, 8192, 1, True), (128, 128, 24, 24, 8192, 1, False), (64, 128, 12, 12, 8192, 1, False),
]
AWKWARD = [(128, 128, 4, 2, 1, 2, True), (64, 128, 4, 1, 129, 3, True), (128, 64, 6, 3, 777, 2, True),
           (64, 64, 3, 3, 1000, 1, False), (128, 128, 2, 1, 1913, 2, False)]


def main():
    source = open(sys.argv[1]).read()
    torch.manual_seed(0)
    cache, timed, rows, worst = {}, [], [], 0.0
    for shape in AWKWARD + SHAPES:
        d, tile, h, kv, n, b, causal = shape
        make = lambda hh: torch.randn(b, hh, n, d, device="cuda", dtype=torch.bfloat16)
        inputs = make(h), make(kv), make(kv)
        for heads in mixtures(h, math.ceil(n / tile)):
            prefill = Prefill(source, shape, heads, cache)
            error = prefill.check(*inputs)
            worst = max(worst, error)
            if shape in AWKWARD:
                continue
            rows.append(prefill_row("sparseplan_block_sparse", shape, heads, prefill.tiles))
            run = lambda p=prefill, i=inputs: p.launch(*i)
            timed.append(Timed([run] * 4))
    interleave(timed)
    for row, timing in zip(rows, timed):
        row.update(timing.result())
        flop = 4 * row["batch"] * row["tiles"] * row["tile"] ** 2 * row["head_dim"]
        print(row["head_dim"], row["tile"], row["q_heads"], row["kv_len"], row["batch"], row["tiles"],
              "%.4f ms" % row["median_ms"], "%.0f TFLOP/s of visited tiles" % (flop / row["median_ms"] / 1e9))
    write(sys.argv[2], rows)
    print(len(rows), "rows, largest relative error", worst)


main()
