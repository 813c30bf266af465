"""Text that ships with Python: the names of Unicode's characters, one a line. (lesson 12)

`unicodedata.ucd_3_2_0` is a copy of Unicode 3.2 that Python keeps for internationalised host names
(RFC 3490), and a published name never changes (unicode.org/policies/stability_policy.html). So this text
is the same on every Python, and a digest makes sure of it. Ideographs and Hangul syllables, whose names
are made by rule, are left out: 12 886 names, 355 000 characters.
"""

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

ALPHABET = "\n -0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MADE_BY_RULE = ("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH", "HANGUL SYLLABLE")
DIGEST = "03ce3aea0397e841"  # of SHA-256 over the names in the order of their characters, one a line


@dataclass(frozen=True)
class Text:
    """Names in a fixed random order, as a stream of characters in three parts."""

    train: Tensor  # (length,), int64: places in ALPHABET; each name ends with "\n"
    validation: Tensor
    test: Tensor


@lru_cache
def characters() -> tuple[tuple[str, str], ...]:
    """(name, general category) of each character, in the order of their code points.

    The category is two letters: "Lu" is an upper-case letter, "Sm" a symbol of mathematics.

    Raises RuntimeError where this Python gives other names.
    """
    unicode = unicodedata.ucd_3_2_0
    named = ((unicode.name(c, ""), unicode.category(c)) for c in map(chr, range(0x110000)))
    found = tuple((name, kind) for name, kind in named if name and not name.startswith(MADE_BY_RULE))
    digest = hashlib.sha256("\n".join(name for name, _ in found).encode()).hexdigest()
    if not digest.startswith(DIGEST):
        raise RuntimeError("unicodedata.ucd_3_2_0 gives other names than the course was made with")
    return found


def shuffled() -> list[tuple[str, str]]:
    """`characters()` in an order that looks random and is the same everywhere: by their names' digests."""
    return sorted(characters(), key=lambda c: hashlib.sha256(c[0].encode()).digest())


@lru_cache
def names_text() -> Text:
    """80 % of the names to train, 10 % to validate, 10 % to test."""
    lines = [name + "\n" for name, _ in shuffled()]
    cuts = len(lines) * 8 // 10, len(lines) * 9 // 10
    parts = lines[: cuts[0]], lines[cuts[0] : cuts[1]], lines[cuts[1] :]
    return Text(*(encode("".join(part)) for part in parts))


def encode(text: str) -> Tensor:
    """Places in ALPHABET, (length,). Raises ValueError for a character that is not in it."""
    try:
        return torch.tensor([ALPHABET.index(character) for character in text])
    except ValueError:
        strange = sorted(set(text) - set(ALPHABET))
        raise ValueError(f"text holds {strange}; it needs characters of {ALPHABET!r}") from None


def decode(places: Tensor) -> str:
    """The characters at these places of ALPHABET."""
    return "".join(ALPHABET[place] for place in places.tolist())


def windows(stream: Tensor, count: int, length: int, seed: int) -> Tensor:
    """`count` pieces of `length` + 1 characters from random places of `stream`: (count, length + 1).

    All but the last are what a model reads, all but the first what it has to say.
    """
    generator = torch.Generator().manual_seed(seed)
    begins = torch.randint(len(stream) - length, (count, 1), generator=generator)
    return stream[begins + torch.arange(length + 1)]
