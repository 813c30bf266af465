"""Arrows of two, three or four entries on a page, for the picture of the sphere.

N = 2 is drawn whole, N = 3 obliquely with 1 = (1, 1, 1) pointing up, and N = 4 as one sees it looking along
1, with the first example's direction up. `oblique.js` does the same.
"""

import math

import numpy as np

# Each of length 1: to the right, away from the reader, up.
DIRECTIONS = {
    2: np.array([[1, -1], [0, 0], [1, 1]]) / np.sqrt([[2], [1], [2]]),
    3: np.array([[2, -1, -1], [0, 1, -1], [1, 1, 1]]) / np.sqrt([[6], [2], [3]]),
    4: np.array([[0, -2, 1, 1], [0, 0, -1, 1], [3, -1, -1, -1]]) / np.sqrt([[6], [2], [12]]),
}
ELEVATION = {2: 0, 3: 35, 4: 15}  # degrees, from which the reader looks down


def turned(v: np.ndarray, degrees: float) -> np.ndarray:
    """Arrows of N entries along the three directions, turned about the upward one: (…, N) to (3, …)."""
    N = v.shape[-1]
    right, away, up = np.moveaxis(v @ DIRECTIONS[N].T, -1, 0)
    angle = math.radians(degrees) if N > 2 else 0.0
    cos, sin = math.cos(angle), math.sin(angle)
    return np.stack([right * cos - away * sin, right * sin + away * cos, up])


def on_page(v: np.ndarray, degrees: float) -> np.ndarray:
    """Where they end on the page: (…, N) to (…, 2)."""
    right, away, up = turned(v, degrees)
    tilt = math.radians(ELEVATION[v.shape[-1]])
    return np.stack([right, up * math.cos(tilt) + away * math.sin(tilt)], axis=-1)


def depth(v: np.ndarray, degrees: float) -> np.ndarray:
    """How far behind the middle of the picture they end: (…, N) to (…)."""
    _, away, up = turned(v, degrees)
    tilt = math.radians(ELEVATION[v.shape[-1]])
    return away * math.cos(tilt) - up * math.sin(tilt)


def circle(N: int) -> np.ndarray:
    """(97, 2): the circle at right angles to the upward direction, of radius 1, on the page."""
    turn = np.linspace(0, 2 * np.pi, 97)
    return np.stack([np.cos(turn), np.sin(turn) * math.sin(math.radians(ELEVATION[N]))], axis=-1)
