"""Times split_decode.cu: one new token per sequence, keys split over thread blocks, a tile list per KV head.

    python3 measure_decode.py SPLIT_DECODE.CU OUT.jsonl

Keys and values are rotated through copies larger together than the second-level cache, so that they come from memory
as they do behind a model's weights. Every configuration is checked against a PyTorch computation first, and the rounds
of all configurations are interleaved.
"""
import math
import sys

import cupy
import torch

from rows import Timed, base_row, interleave, key_tiles, write

BYTES_TO_ROTATE = 400e6


def kernels(source, head_dim, group, tile):
    options = ("-O3", "-std=c++17", f"-DHEAD_DIM={head_dim}", f"-DGROUP={group}", f"-DTILE={tile}")
    module = cupy.RawModule(code=source, backend="nvcc", options=options)
    return module.get_function("split_decode"), module.get_function("combine")


class Decode:
    def __init__(self, source, shape, heads_of_kv, chunk_tiles, cache):
        self.shape = shape
        b, h, kv, d, n, t = (shape[x] for x in ("batch", "q_heads", "kv_heads", "head_dim", "kv_len", "tile"))
        group = h // kv
        key = (d, group, t)
        if key not in cache:
            cache[key] = kernels(source, *key)
        self.split, self.merge = cache[key]
        n_tiles = math.ceil(n / t)
        self.lists = [key_tiles(head, n_tiles - 1, n_tiles, False) for head in heads_of_kv]
        tiles, chunks, chunk_of, first = [], [], [0], []
        for kept in self.lists:
            first.append(len(tiles))
            tiles += kept
        for sequence in range(b):
            for head, kept in enumerate(self.lists):
                for at in range(0, len(kept), chunk_tiles):
                    chunks.append([sequence * kv + head, first[head] + at, min(chunk_tiles, len(kept) - at),
                                   sequence * kv + head])
                chunk_of.append(len(chunks))
        self.chunks = torch.tensor(chunks, dtype=torch.int32, device="cuda")
        self.tiles = torch.tensor(tiles, dtype=torch.int32, device="cuda")
        self.chunk_of = torch.tensor(chunk_of, dtype=torch.int32, device="cuda")
        self.n_chunks = len(chunks)
        self.partial_o = torch.empty(len(chunks) * group * d, device="cuda")
        self.partial_ms = torch.empty(len(chunks) * group * 2, device="cuda")
        self.out = torch.empty(b, h, d, dtype=torch.bfloat16, device="cuda")
        self.group, self.b, self.h, self.kv, self.d, self.n, self.t = group, b, h, kv, d, n, t

    def launch(self, q, k, v):
        stream = cupy.cuda.Stream.from_external(torch.cuda.current_stream())
        scale = cupy.float32(math.log2(math.e) / math.sqrt(self.d))
        with stream:
            self.split((self.n_chunks,), (128,), (q.data_ptr(), k.data_ptr(), v.data_ptr(), self.chunks.data_ptr(),
                       self.tiles.data_ptr(), self.partial_o.data_ptr(), self.partial_ms.data_ptr(),
                       cupy.int32(self.n), scale))
            self.merge((self.b * self.h,), (self.d,), (self.partial_o.data_ptr(), self.partial_ms.data_ptr(),
                       self.chunk_of.data_ptr(), self.out.data_ptr()))

    def check(self, q, k, v):
        self.launch(q, k, v)
        worst = 0.0
        for kv in range(self.kv):
            index = torch.cat([torch.arange(j * self.t, min((j + 1) * self.t, self.n)) for j in self.lists[kv]]).cuda()
            kk, vv = k[0, kv, index].float(), v[0, kv, index].float()
            qq = q[0, kv * self.group:(kv + 1) * self.group].float()
            want = torch.softmax(qq @ kk.T / math.sqrt(self.d), -1) @ vv
            got = self.out[0, kv * self.group:(kv + 1) * self.group].float()
            worst = max(worst, ((got - want).norm() / want.norm()).item())
        assert worst < 5e-3, (self.shape, worst)
        return worst


def budgets(name, kv, n_tiles):
    """The pattern of each KV head."""
    stream = lambda window: {"kind": "streaming", "sink": 1, "window": max(1, window)}
    if name == "dense":
        return [{"kind": "dense"}] * kv
    if name == "half":
        return [{"kind": "dense"} if i < kv // 2 else stream(n_tiles // 16) for i in range(kv)]
    if name == "one":
        return [{"kind": "dense"} if i == kv - 1 else stream(n_tiles // 32) for i in range(kv)]
    if name == "none":
        return [stream(n_tiles // 16)] * kv
    if name == "graded":
        return [stream(n_tiles >> (1 + i % 5)) for i in range(kv)]
    if name == "scattered":
        return [{"kind": "random", "density": 0.125 * (1 + i % 4), "seed": i} for i in range(kv)]
    raise ValueError(name)


def configurations():
    llama = dict(q_heads=32, kv_heads=8, head_dim=128, tile=64)
    for batch, n in [(1, 4096), (1, 16384), (1, 65536), (1, 131072), (4, 4096), (4, 16384), (4, 65536), (16, 4096),
                     (16, 16384), (16, 32768), (64, 4096), (64, 8192)]:
        for name in ("dense", "half", "one", "none", "graded", "scattered"):
            yield dict(llama, batch=batch, kv_len=n), name, 16
    for batch, n in [(1, 32768), (8, 16384)]:
        for chunk in (4, 64):
            for name in ("dense", "half", "graded"):
                yield dict(llama, batch=batch, kv_len=n), name, chunk
    for shape in (dict(q_heads=64, kv_heads=8, head_dim=128, tile=64), dict(q_heads=32, kv_heads=8, head_dim=64, tile=64),
                  dict(q_heads=12, kv_heads=4, head_dim=64, tile=128)):
        for batch, n in [(1, 32768), (16, 8192)]:
            for name in ("dense", "one", "none", "graded"):
                yield dict(shape, batch=batch, kv_len=n), name, 16 if shape["tile"] == 64 else 8


def main():
    source = open(sys.argv[1]).read()
    torch.manual_seed(0)
    cache, timed, rows = {}, [], []
    data = {}
    for shape, name, chunk in configurations():
        b, h, kv, d, n = (shape[x] for x in ("batch", "q_heads", "kv_heads", "head_dim", "kv_len"))
        one = 2 * b * kv * n * d * 2
        copies = max(2, math.ceil(BYTES_TO_ROTATE / one))
        key = (b, h, kv, d, n)
        if key not in data:
            torch.cuda.empty_cache()
            data[key] = [(torch.randn(b, h, d, device="cuda", dtype=torch.bfloat16),
                          torch.randn(b, kv, n, d, device="cuda", dtype=torch.bfloat16),
                          torch.randn(b, kv, n, d, device="cuda", dtype=torch.bfloat16)) for _ in range(copies)]
        heads = budgets(name, kv, math.ceil(n / shape["tile"]))
        decode = Decode(source, shape, heads, chunk, cache)
        error = decode.check(*data[key][0])
        timing = Timed([lambda q=q, k=k, v=v, decode=decode: decode.launch(q, k, v) for q, k, v in data[key]])
        row = base_row("sparseplan_split_decode", "decode")
        row.update(shape, q_len=1, causal=False, chunk_tiles=chunk, chunks=decode.n_chunks,
                   heads_of_kv=heads, tiles_of_kv=[len(kept) for kept in decode.lists], relative_error=round(error, 6))
        timed.append((timing, decode))
        rows.append(row)
    interleave(timing for timing, _ in timed)
    for row, (timing, _) in zip(rows, timed):
        row.update(timing.result())
    write(sys.argv[2], rows)
    dense = [r for r in rows if all(head["kind"] == "dense" for head in r["heads_of_kv"])]
    for row in dense:
        read = 2 * 2 * row["batch"] * row["kv_heads"] * row["kv_len"] * row["head_dim"]
        print(row["batch"], row["kv_len"], row["head_dim"], row["q_heads"], "%.4f ms" % row["median_ms"],
              "%.2f TB/s" % (read / row["median_ms"] / 1e9))
    print(len(rows), "rows, largest relative error", max(r["relative_error"] for r in rows))


main()
