"""Captures queries, keys and values of a causal transformers model for `sparseplan profile --capture`.

    with Capture("DIR", model, weights_sha256) as capture:
        capture.run("sample-0", input_ids)                       # or, with gradients of a loss:
        capture.run("sample-0", input_ids, loss=my_loss, objective="ce")
"""
import json, pathlib
import torch
from safetensors.torch import save_file
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward


class Capture:
    def __init__(self, root, model, weights_sha256):
        self.root, self.model, self.weights = pathlib.Path(root), model, weights_sha256
        self.seen, self.samples, self.objective = {}, [], None
        AttentionInterface.register("capture", self.attend)

    def __enter__(self):
        self.before = self.model.config._attn_implementation
        self.model.set_attn_implementation("capture")
        return self

    def attend(self, module, query, key, value, *rest, **named):
        # Rotated already, [batch][head][token][headDim]; the output is [batch][token][head][headDim].
        output, weights = sdpa_attention_forward(module, query, key, value, *rest, **named)
        if output.requires_grad:
            output.retain_grad()
        self.seen[module.layer_idx] = (query, key, value, output)
        return output, weights

    def run(self, name, input_ids, answer_tokens=0, loss=None, objective=None):
        with torch.set_grad_enabled(loss is not None):
            logits = self.model(input_ids, use_cache=False).logits
        if loss is not None:
            loss(logits).backward()
        (self.root / name).mkdir(parents=True, exist_ok=True)
        for layer, (q, k, v, output) in self.seen.items():
            parts = {n: t[0].transpose(0, 1).detach() for n, t in zip("qkv", (q, k, v))}
            if loss is not None:
                parts["output_gradient"] = output.grad[0].detach()
            parts = {n: t.float().cpu().contiguous() for n, t in parts.items()}
            save_file(parts, self.root / name / f"layer-{layer}.safetensors")
        self.shape = {"queryHeads": q.shape[1], "kvHeads": k.shape[1], "headDim": q.shape[3]}
        self.samples.append({"name": name, "answerTokens": answer_tokens})
        self.objective = objective

    def __exit__(self, *failure):
        self.model.set_attn_implementation(self.before)
        config = self.model.config
        rotation = getattr(config, "rope_parameters", None) or vars(config)  # of transformers 5, or before
        about = {"name": config.name_or_path.split("/")[-1] or "model",
                 "architecture": type(self.model).__name__, "weightsSha256": self.weights,
                 "layers": config.num_hidden_layers, "attention": self.shape,
                 "ropeTheta": float(rotation["rope_theta"])}
        header = {"schemaVersion": 1, "model": about, "layout": {"kind": "causal"},
                  "objective": self.objective, "samples": self.samples}
        (self.root / "capture.json").write_text(json.dumps(header, indent=2) + "\n")
