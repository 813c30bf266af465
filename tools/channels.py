"""Train the network whose channels lessons 05 and 11 show, and store its filters with three pictures.

    python tools/channels.py

Writes bn_course/explorers/channels.json. The network tells of squares of 24 × 24 pixels from which of three
photographs they come (scikit-learn's China and flower, Matplotlib's portrait of Grace Hopper); what is
stored leads to its first two batch norms. The pictures are squares of 132 × 132 of the portrait (US Navy,
public domain), in grey, three times as coarse.
"""

import base64
import json
from pathlib import Path

import numpy as np
import torch
from matplotlib.cbook import get_sample_data
from PIL import Image
from sklearn.datasets import load_sample_images

from bn_course.nets import Data, Split, cnn, initialise, seeded, train
from bn_course.nets.tune import sgd

STORED = Path(__file__).resolve().parent.parent / "bn_course" / "explorers" / "channels.json"
SQUARES = {"flag": (22, 0), "face": (144, 194), "ribbons": (436, 310)}  # top, left
SIDE, LEARNT, STEPS, DIGITS = 132, 24, 200, 3


def main() -> None:
    torch.set_num_threads(1)
    data = squares()
    with seeded(0):
        model = initialise(cnn((16, 32, 32), classes=3))
    history = train(model, data, sgd(model, 0.1), STEPS, 64, seed=0, every=STEPS)
    conv, norm, _, second = model[:4]
    stored = {
        "steps": STEPS,
        "accuracy": round(history.accuracy[-1], 2),
        "names": list(SQUARES),
        "pictures": base64.b64encode(pictures().tobytes()).decode(),
    }
    parameters = {"first": conv.weight, "second": second.weight, "gamma": norm.weight, "beta": norm.bias}
    for name, values in {**parameters, "mean": norm.running_mean, "var": norm.running_var}.items():
        stored[name] = np.round(values.detach().double().numpy(), DIGITS).tolist()
    STORED.write_text(json.dumps(stored, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{STORED.name}: {STORED.stat().st_size / 1000:.0f} kB, validation accuracy {stored['accuracy']}")


def portrait() -> np.ndarray:
    with get_sample_data("grace_hopper.jpg") as file:
        return np.asarray(Image.open(file)).mean(2)


def squares() -> Data:
    """Squares of the three photographs, in grey; which of them is the class."""
    photographs = [portrait(), *(image.mean(2) for image in load_sample_images().images)]
    rng = np.random.default_rng(0)
    x, y = np.empty((2000, 1, LEARNT, LEARNT)), rng.integers(3, size=2000)
    for place, photograph in enumerate(photographs[i] for i in y):
        top, left = (rng.integers(length - LEARNT) for length in photograph.shape)
        x[place, 0] = photograph[top : top + LEARNT, left : left + LEARNT]
    x = torch.tensor((x - x.mean()) / x.std(), dtype=torch.float32)
    parts = [Split(x[a:b], torch.tensor(y[a:b])) for a, b in ((0, 1600), (1600, 1800), (1800, 2000))]
    return Data("three photographs", *parts, classes=3)


def pictures() -> np.ndarray:
    """(3, 44, 44), uint8."""
    grey = portrait()
    cut = np.stack([grey[top : top + SIDE, left : left + SIDE] for top, left in SQUARES.values()])
    return np.round(cut.reshape(3, SIDE // 3, 3, SIDE // 3, 3).mean((2, 4))).astype(np.uint8)


if __name__ == "__main__":
    main()
