"""The order in which choices are shown."""

from collections.abc import Sequence
from hashlib import sha256

STABLE = "everyone"  # the seed of what is printed: slides, the site, stored outputs


def shuffled(keys: Sequence[str], name: str, seed: int | str) -> list[str]:
    """`keys` in the order that `seed` gives the question `name`: always the same one."""
    return sorted(keys, key=lambda key: sha256(f"{seed}/{name}/{key}".encode()).digest())
