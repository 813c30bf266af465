"""What several questions of lesson 06 share."""

HERE = "06_pytorch_and_gpu"


def axes_of(x, over):
    return {
        "batch and space": [0, *range(2, x.dim())],
        "batch": [0],
        "space": list(range(2, x.dim())) or [0],
        "all": list(range(x.dim())),
        "channels": [1],
    }[over]
