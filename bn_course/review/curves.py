"""Items that have a curve of the evidence read: what one seed measured, and which line is which."""

from collections.abc import Mapping

import numpy as np

from bn_course.review.computing import measured, one_run
from bn_course.review.item import RIGHT, Ambiguous, Asked, Item, ask

_CLEAR = 2  # times the largest distance of a seed's curve from the mean: how far apart the others' means are


def curve(
    name: str,
    *,
    idea: str,
    over: tuple[str, str],
    arms: Mapping[str, str],
    percent: float = 1,
    what: str = "right",
) -> Item:
    """An item on the experiment `name`: numbers under `over`, and which of the `arms` they belong to.

    `arms` maps the names of the evidence's numbers to what a reader calls them; `percent` makes per cent of
    the numbers, and `what` says per cent of what.
    """
    sizes, unit = over

    def make(draw: np.random.Generator) -> Asked:
        run, mean = one_run(name, draw), measured(name)
        arm = str(draw.choice(list(arms)))
        values = run[arm] * percent
        distance = {other: np.abs(mean[other] - run[arm]).max() for other in arms}
        nearest, second = sorted(distance, key=distance.get)[:2]
        if distance[second] < _CLEAR * distance[nearest]:
            raise Ambiguous(f"{name}: a seed's {arm} lies between the means of {nearest} and {second}")
        table = [f"{unit:>10} | " + " | ".join(f"{s:>6g}" for s in run[sizes])]
        table += [f"{'% ' + what:>10} | " + " | ".join(f"{v:>6.1f}" for v in values)]
        keys = {other: RIGHT if other == arm else other for other in arms}
        return ask(
            "A curve that the course measured, one seed of it. Which network is it?",
            nearest,
            {keys[other]: (said, other) for other, said in arms.items()},
            why=f"Means over the seeds: {_means(mean, arms, percent)}.",
            code="\n".join(table),
        )

    return Item(f"curve-{name}", idea, make)


def _means(mean: Mapping[str, np.ndarray], arms: Mapping[str, str], percent: float) -> str:
    said = (f"{text} {', '.join(f'{v * percent:.1f}' for v in mean[arm])}" for arm, text in arms.items())
    return "; ".join(said)
