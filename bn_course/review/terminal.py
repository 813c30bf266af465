"""A review in a terminal."""

from collections.abc import Callable

from bn_course.grading import progress
from bn_course.review import memory, schedule
from bn_course.review.choosing import choose
from bn_course.review.run import Review
from bn_course.review.screen import Run, Screen


def review(read: Callable[[str], str] = input) -> None:
    """Ask what is due. An empty line, or the end of the input, leaves; what was not answered stays due."""
    run = Review(choose(memory.load(), progress.load(), schedule.now()))
    answer(run, read)
    if word := memory.word():
        print(word)


def answer(run: Run, read: Callable[[str], str]) -> None:
    """Show one screen after another and answer it with what `read` gives."""
    while not (screen := run.screen()).done:
        _show(screen)
        place = _place(screen, read)
        if place is None:
            print("What is left stays due.")
            return
        run.choose(place)
        print(f"\n{run.screen().said}\n")
        run.go_on()
    print(screen.text)


def _show(screen: Screen) -> None:
    print(f"[{screen.where}]  {screen.text}", *([screen.code] if screen.code else []), sep="\n\n")
    print(*(f"  {number}  {text}" for number, text in enumerate(screen.choices, start=1)), sep="\n")


def _place(screen: Screen, read: Callable[[str], str]) -> int | None:
    while True:
        try:
            said = read(f"1 to {len(screen.choices)}: ").strip()
        except EOFError:
            return None
        if not said:
            return None
        if said.isdecimal() and 1 <= int(said) <= len(screen.choices):
            return int(said) - 1
