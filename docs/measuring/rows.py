"""What the two measuring scripts share: tile lists, timing by CUDA graphs, and the row that is written."""
import json
import random
import statistics
import subprocess

import torch


def key_tiles(head, i, n_tiles, causal):
    """The key tiles that query tile i of this head visits, ascending; README of the measurements defines the kinds."""
    hi = i if causal else n_tiles - 1
    kind = head["kind"]
    if kind == "dense":
        kept = set(range(hi + 1))
    elif kind == "streaming":
        last = min(hi, i if causal else i + head["window"] - 1)
        kept = set(range(min(head["sink"], hi + 1))) | set(range(max(0, i - head["window"] + 1), last + 1))
    elif kind == "strided":
        kept = {j for j in range(hi + 1) if (i - j) % head["stride"] == 0} | {i}
    elif kind == "vertical_slash":
        kept = {j for j in head["verticals"] if j <= hi} | {i - o for o in head["slashes"] if 0 <= i - o <= hi} | {i}
    elif kind == "random":
        draw = random.Random(head["seed"] * 1000003 + i)
        kept = {j for j in range(hi + 1) if draw.random() < head["density"]} | {i}
    else:
        raise ValueError(kind)
    return sorted(kept)


def mixtures(h, n_tiles):
    """The patterns of h prefill heads, in the mixtures that are timed."""
    stream = lambda window: {"kind": "streaming", "sink": 1, "window": window}
    slash = {"kind": "vertical_slash", "verticals": [0, n_tiles // 3, n_tiles // 2], "slashes": [0, 1, 2, n_tiles // 4]}
    yield [{"kind": "dense"}] * h
    yield [stream(2)] * h
    yield [{"kind": "dense"} if i < max(1, h // 4) else stream(2) for i in range(h)]
    yield [{"kind": "dense"} if i >= h - max(1, h // 4) else stream(4) for i in range(h)]
    yield [[stream(1), stream(4), slash, {"kind": "strided", "stride": 4},
            {"kind": "random", "density": 0.3, "seed": i}][i % 5] for i in range(h)]


def clock_mhz():
    out = subprocess.run(["nvidia-smi", "--query-gpu=clocks.sm,power.draw,temperature.gpu",
                          "--format=csv,noheader,nounits"], capture_output=True, text=True).stdout.split(",")
    return int(out[0]), float(out[1]), int(out[2])


class Timed:
    """A launch captured some times over in one CUDA graph; replays are timed by events."""

    def __init__(self, launches, pool=None):
        for launch in launches:
            launch()
        torch.cuda.synchronize()
        # A graph does not keep the inputs of what it captured.
        self.launches = launches
        self.copies = len(launches)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph, pool=pool):
            for launch in launches:
                launch()
        self.rounds = []
        self.clocks = []
        self.graph.replay()
        torch.cuda.synchronize()
        self.replays = 1
        self.replays = max(5, min(60, int(25 / max(self._ms_of_graph(), 1e-3))))

    def _ms_of_graph(self):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        self.graph.replay()
        end.record()
        torch.cuda.synchronize()
        return start.elapsed_time(end)

    def round(self):
        self.graph.replay()
        self.rounds.append([self._ms_of_graph() / self.copies for _ in range(self.replays)])
        self.clocks.append(clock_mhz())

    def result(self):
        every = [ms for one in self.rounds for ms in one]
        return {
            "median_ms": statistics.median(every),
            "min_ms": min(every),
            "round_median_ms": [statistics.median(one) for one in self.rounds],
            "sm_mhz": [c[0] for c in self.clocks],
            "watts": [c[1] for c in self.clocks],
        }


def base_row(kernel, phase):
    return {
        "gpu": torch.cuda.get_device_name(0),
        "kernel": kernel,
        "torch": torch.__version__,
        "timing": "cuda-graph",
        "phase": phase,
        "dtype": "bf16",
    }


def prefill_row(kernel, shape, heads, tiles):
    """The row of a prefill of this shape: head_dim, tile, query heads, KV heads, tokens, batch, causal."""
    d, tile, h, kv, n, b, causal = shape
    row = base_row(kernel, "prefill")
    row.update(batch=b, q_heads=h, kv_heads=kv, head_dim=d, q_len=n, kv_len=n, tile=tile, causal=causal, heads=heads,
               tiles=tiles)
    return row


def interleave(timings):
    """Three rounds of all of them, one after another."""
    timings = list(timings)
    for _ in range(3):
        for timing in timings:
            timing.round()


def write(path, rows):
    with open(path, "w") as out:
        for row in rows:
            out.write(json.dumps(row) + "\n")
