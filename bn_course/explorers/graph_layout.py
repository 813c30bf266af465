"""Where the cards and arrows of batch norm's graph stand, in pixels: across a page, and down a narrow one."""

VECTOR, SCALAR = (106, 44), (58, 44)  # a card with four numbers, and with one
VECTORS = ("x", "c", "x̂", "y")
GAP = 4  # between a card and the tip of an arrow

# Where each card's middle is, where its name stands, and where the number of each arrow.
WIDE = {
    "size": (700, 246),
    "cards": {
        "x": (57, 54), "c": (252, 54), "x̂": (447, 54), "y": (642, 54),
        "μ": (156, 194), "σ²": (300, 194), "s": (404, 194), "γ": (582, 194), "β": (664, 194),
    },
    "arrows": {
        ("x", "c"): (155, 43, "middle"), ("c", "x̂"): (350, 43, "middle"), ("x̂", "y"): (545, 43, "middle"),
        ("x", "μ"): (94, 132, "end"), ("μ", "c"): (214, 132, "start"), ("c", "σ²"): (286, 132, "start"),
        ("σ²", "s"): (352, 184, "middle"), ("s", "x̂"): (436, 132, "start"),
        ("γ", "y"): (598, 132, "end"), ("β", "y"): (664, 132, "start"),
    },
}  # fmt: skip
TALL = {
    "size": (330, 556),
    "cards": {
        "x": (58, 40), "c": (58, 178), "x̂": (58, 378), "y": (58, 516),
        "μ": (262, 106), "σ²": (262, 230), "s": (262, 324), "γ": (200, 446), "β": (262, 516),
    },
    "arrows": {
        ("x", "c"): (68, 108, "start"), ("c", "x̂"): (68, 278, "start"), ("x̂", "y"): (68, 446, "start"),
        ("x", "μ"): (178, 58, "start"), ("μ", "c"): (178, 152, "start"), ("c", "σ²"): (170, 190, "start"),
        ("σ²", "s"): (270, 276, "start"), ("s", "x̂"): (176, 362, "start"),
        ("γ", "y"): (152, 487, "start"), ("β", "y"): (196, 506, "middle"),
    },
}  # fmt: skip


def card_size(node: str) -> tuple[int, int]:
    """Width and height of a node's card."""
    return VECTOR if node in VECTORS else SCALAR


def _leaves(node: str, other: str, cards: dict) -> tuple[float, float]:
    """Where the straight line from a card's middle to another's leaves the card."""
    (x, y), (toward_x, toward_y) = cards[node], cards[other]
    across, down = toward_x - x, toward_y - y
    width, height = card_size(node)
    reach = min((side / 2 + GAP) / abs(step) for side, step in ((width, across), (height, down)) if step)
    return round(x + reach * across, 1), round(y + reach * down, 1)


def _laid_out(plan: dict) -> dict:
    """Ready for JSON: cards as [x, y, width, height], arrows as [from, to, where its number is]."""
    cards = plan["cards"]
    return {
        "size": [*plan["size"]],
        "cards": {node: [*place, *card_size(node)] for node, place in cards.items()},
        "arrows": {
            f"{start} → {end}": [[*_leaves(start, end, cards)], [*_leaves(end, start, cards)], [*label]]
            for (start, end), label in plan["arrows"].items()
        },
    }


LAYOUTS = {"wide": _laid_out(WIDE), "tall": _laid_out(TALL)}
