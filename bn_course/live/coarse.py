"""Numbers said as coarsely as they are the same on every machine."""

from bisect import bisect_right


def coarse(value: float, *bounds: float) -> str:
    """Where `value` lies among rising `bounds`, in words.

    >>> coarse(54.8, 8, 35), coarse(20, 8, 35), coarse(2.6, 8, 35)
    ('over 35', '8 to 35', 'under 8')
    """
    above = bisect_right(bounds, value)
    if above == 0:
        return f"under {bounds[0]:g}"
    if above == len(bounds):
        return f"over {bounds[-1]:g}"
    return f"{bounds[above - 1]:g} to {bounds[above]:g}"
