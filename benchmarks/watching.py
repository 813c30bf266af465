"""What `watch_batch_norm` costs a training step of the course's ResNet, as a ratio of processor times.

    python benchmarks/watching.py     one thread: evidence/watching_cpu.json

Steps on digits in batches of 128, with and without being watched, in rounds in turn; the median of the
rounds' ratios. Memory: what Python and NumPy hold after 512 and after 1024 watched steps, where as many
moments of the history are kept.
"""

import json
import statistics
import sys
import time
import tracemalloc
from contextlib import nullcontext
from datetime import date
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

from bn_course.gpu.timing import device_name
from bn_course.inspect import watch_batch_norm
from bn_course.nets import batches, digits, seeded
from bn_course.nets.resnet import resnet

EVIDENCE = Path(__file__).resolve().parent.parent / "evidence"
ROUNDS, STEPS, BATCH = 5, 100, 128


def main() -> int:
    torch.set_num_threads(1)
    step = training_step()
    for _ in range(10):
        step()
    rounds = [
        (seconds(step, nullcontext()), seconds(step, watch_batch_norm(step.model))) for _ in range(ROUNDS)
    ]
    record = {
        "what": "processor time of a training step of the course's ResNet, watched over not watched",
        "device": device_name("cpu"),
        "threads": 1,
        "batch": BATCH,
        "steps": STEPS,
        "seconds_a_step": float(f"{statistics.median(bare for bare, _ in rounds) / STEPS:.3g}"),
        "ratio": round(statistics.median(watched / bare for bare, watched in rounds), 3),
        "bytes_a_step": growth(step),
        "versions": {"python": sys.version.split()[0], "torch": torch.__version__},
        "date": date.today().isoformat(),
    }
    (EVIDENCE / "watching_cpu.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"watched, a step takes {record['ratio']} times as long, and keeps {record['bytes_a_step']} bytes")
    return 0


def training_step():
    with seeded(0):
        model = resnet()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    drawn = batches(digits(image=True).train, BATCH)

    def step():
        batch = next(drawn)
        optimiser.zero_grad()
        cross_entropy(model(batch.x), batch.y).backward()
        optimiser.step()

    step.model = model
    return step


def seconds(step, context) -> float:
    begin = time.process_time()
    with context:
        for _ in range(STEPS):
            step()
    return time.process_time() - begin


def growth(step) -> float:
    """Bytes a step that stay."""
    held = []
    tracemalloc.start()
    with watch_batch_norm(step.model):
        for _ in range(2):
            for _ in range(512):
                step()
            held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    return round((held[1] - held[0]) / 512, 1)


if __name__ == "__main__":
    sys.exit(main())
