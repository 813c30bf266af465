"""Numbers said as coarsely as they are the same on every machine."""

from bisect import bisect_right


def coarse(value: float, *bounds: float) -> str:
    """Where `value` lies among rising `bounds`, in words.

    >>> coarse(54.8, 8, 35), coarse(20, 8, 35), coarse(2.6, 8, 35)
    ('at least 35', '8 to 35', 'under 8')
    """
    said = [f"{bound:g}".replace("-", "−") for bound in bounds]
    above = bisect_right(bounds, value)
    if above == 0:
        return f"under {said[0]}"
    if above == len(bounds):
        return f"at least {said[-1]}"
    return f"{said[above - 1]} to {said[above]}"
