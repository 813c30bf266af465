"""What several questions of lesson 11 share."""

# Which axes of (N, C, H, W) share a statistic, by the name of the choice.
AXES = {
    "hw": (2, 3),
    "nhw": (0, 2, 3),
    "n": (0,),
    "chw": (1, 2, 3),
    "c": (1,),
    "w": (3,),
    "h": (2,),
    "all": (0, 1, 2, 3),
}


def layer_axes(x, name):
    """The axes of (N, …, D) that share a statistic, by the name of the choice."""
    return {
        "last": (x.ndim - 1,),
        "n": (0,),
        "nt": tuple(range(x.ndim - 1)),
        "rest": tuple(range(1, x.ndim)),
        "one": (1,),
        "all": tuple(range(x.ndim)),
        "none": (),
    }[name]
