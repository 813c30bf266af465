"""What several questions of lesson 05 share."""

# Which axes of (N, C, H, W) share a statistic, by the name of the choice.
AXES = {
    "nhw": (0, 2, 3),
    "n": (0,),
    "hw": (2, 3),
    "all": (0, 1, 2, 3),
    "chw": (1, 2, 3),
    "c": (1,),
    "nhc": (0, 1, 2),
}
ALONG = {"along": 3}, {"along": 2}, {"along": 0}  # γ along W, along H, along N

TWO_IMAGES = [[[[1, 3]], [[0, 4]]], [[[5, 7]], [[10, 2]]]]  # (2, 2, 1, 2)
TWO_HIGH_IMAGES = [[[[1], [3]], [[0], [4]]], [[[5], [7]], [[10], [2]]]]  # (2, 2, 2, 1)


def flattened(x, channels, view):
    """x as (M, C, 1, 1), cut up without a transpose: entries land in other channels' columns."""
    table = x.reshape(-1, channels) if view == "columns" else x.reshape(channels, -1).T
    return table[:, :, None, None]


def restored(table, shape, view):
    """The table of `flattened` in the shape of x again."""
    return table[:, :, 0, 0].reshape(shape) if view == "columns" else table[:, :, 0, 0].T.reshape(shape)
