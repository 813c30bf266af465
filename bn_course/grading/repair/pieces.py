"""One source from several cells: the one that defines an answer, and those that define what it calls."""

import builtins
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bn_course.grading.repair.place import Place
from bn_course.grading.repair.source import NotUnderstood, bindings, free_names, parsed


@dataclass(frozen=True)
class Pieces:
    """Cells or files, joined. A line of the whole belongs to one piece, and has a number there."""

    texts: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    def local(self, place: Place) -> Place:
        """The place with the number of its line in its own piece."""
        first = 0
        for text in self.texts:
            length = text.count("\n") + 1
            if place.line <= first + length:
                break
            first += length
        return place.moved(-first)


def gathered(name: str, piece_with: Callable[[str], str | None]) -> Pieces:
    """The pieces that define `name` and, in turn, what it uses; `piece_with(name)` has the text that binds
    a name at its top, or None. What is used by the last piece stands before it.
    """
    texts: list[str] = []
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        wanted = waiting.pop()
        if wanted in seen:
            continue
        seen.add(wanted)
        bound = {n: s for text in texts for n, s in bindings(parsed(text)).items()}
        if wanted not in bound:
            text = piece_with(wanted)
            if text is None:
                continue
            bound = bindings(parsed(text))
            if wanted not in bound:
                continue
            texts.insert(0, text)
        waiting += [n for n in free_names(bound[wanted]) if not hasattr(builtins, n)]
    return Pieces(tuple(texts))


def among(cells: Sequence[str]) -> Callable[[str], str | None]:
    """`piece_with` for the cells of a notebook that ran from top to bottom: the last one counts."""
    bound = [(_bound(cell), cell) for cell in cells]

    def piece_with(name: str) -> str | None:
        return next((cell for names, cell in reversed(bound) if name in names), None)

    return piece_with


def _bound(cell: str) -> Iterable[str]:
    try:
        return bindings(parsed(cell))
    except NotUnderstood:
        return ()
