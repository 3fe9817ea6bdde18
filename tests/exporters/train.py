"""Feeds rows to one of TRL's trainers for two steps, in a process of its own: `train.py KIND ROWS MODEL FOLDER`.

Prints, as one line of JSON, the rows as the trainer's library read them, the texts it made of them, and its losses.
"""

from __future__ import annotations

import json
import sys

from datasets import load_dataset


def main(kind: str, rows: str, model: str, folder: str) -> None:
    """Trains, and prints what came of it."""
    data = load_dataset("json", data_files=rows, split="train", cache_dir=f"{folder}/cache")
    options = {
        "output_dir": folder,
        "max_steps": 2,
        "per_device_train_batch_size": 1,
        "max_length": 1024,
        "logging_steps": 1,
        "report_to": "none",
        "save_strategy": "no",
        "use_cpu": True,
        "bf16": False,
        "gradient_checkpointing": False,
        "disable_tqdm": True,
        "model_init_kwargs": {"dtype": "float32"},
    }
    trainer = trainer_of(kind, model, options, data)
    trainer.train()
    decode = trainer.processing_class.decode
    texts = [{name: decode(ids) for name, ids in tokens_of(kind, row).items()} for row in trainer.train_dataset]
    losses = [step["loss"] for step in trainer.state.log_history if "loss" in step]
    print(json.dumps({"rows": list(data), "texts": texts, "losses": losses}))


def tokens_of(kind, row):
    """The tokens of a row as a trainer keeps them."""
    if kind == "dpo":
        return {name: row[f"{name}_ids"] for name in ("prompt", "chosen", "rejected")}
    return {"whole": row["input_ids"], "learnt": [token for token in row["labels"] if token != -100]}


def trainer_of(kind, model, options, data):
    """The trainer of a kind of rows, on the CPU."""
    if kind == "dpo":
        from trl import DPOConfig, DPOTrainer

        return DPOTrainer(model=model, args=DPOConfig(**options), train_dataset=data)
    from trl import SFTConfig, SFTTrainer

    return SFTTrainer(model=model, args=SFTConfig(**options), train_dataset=data)


if __name__ == "__main__":
    main(*sys.argv[1:])
