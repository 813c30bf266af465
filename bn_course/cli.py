"""The command `bn-course`. Exit codes: 0 all is well, 1 it is not, 2 wrong use, 130 interrupted."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bn_course import course
from bn_course.room import command as room


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. What each needs is imported when it runs."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a console that cannot show σ shows '?', not a traceback
    words = list(sys.argv[1:] if argv is None else argv)
    extra: list[str] = []
    if words[:1] == ["lab"] and "--" in words:
        cut = words.index("--")
        words, extra = words[:cut], words[cut + 1 :]
    arguments = _parser().parse_args(words)
    if arguments.command == "lab":
        arguments.extra = extra
    try:
        return arguments.run(arguments)
    except KeyboardInterrupt:
        return 130
    except (course.UnknownExercise, OSError) as error:
        return _fail(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bn-course", description="A course on batch normalisation.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    lab = commands.add_parser(
        "lab",
        help="open the course in JupyterLab",
        epilog="Arguments after -- go to JupyterLab: bn-course lab -- --port 9000",
    )
    lab.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    lab.set_defaults(run=_lab)

    doctor = commands.add_parser("doctor", help="say what this machine has, and what is missing")
    doctor.set_defaults(run=_doctor)

    progress = commands.add_parser("progress", help="show what you have done so far")
    progress.set_defaults(run=_progress)

    check = commands.add_parser(
        "check",
        help="run an exercise notebook and check its answers",
        epilog="A cell may take 20 s, one of the capstone 120.",
    )
    check.add_argument("file", type=Path, metavar="FILE.ipynb")
    check.set_defaults(run=_check)

    grade = commands.add_parser("grade", help="grade notebooks that others wrote, in a sandbox")
    grade.add_argument("paths", nargs="+", type=Path, metavar="FILE_OR_FOLDER")
    grade.add_argument("--json", action="store_true", help="print everything as JSON")
    grade.add_argument("--csv", type=Path, metavar="F", help="write a table of scores to F")
    grade.add_argument("--html", type=Path, metavar="DIR", help="write feedback, a page each, to DIR")
    grade.add_argument("--items", action="store_true", help="with each question's difficulty, as in a test")
    grade.add_argument("--unzip", action="store_true", help="grade the notebooks in .zip files too")
    grade.add_argument("--jobs", type=_count, default=2, metavar="N", help="submissions at a time (2)")
    grade.add_argument(
        "--timeout", type=float, default=60.0, metavar="S", help="seconds for a submission in all (60)"
    )
    grade.set_defaults(run=_grade)

    nbgrader = commands.add_parser("nbgrader", help="write the exercises as a course for nbgrader")
    nbgrader.add_argument("course", type=Path, metavar="COURSE_DIR")
    nbgrader.set_defaults(run=_nbgrader)

    predicted = commands.add_parser("predictions", help="what a room has predicted, without names")
    predicted.add_argument("paths", nargs="+", type=Path, metavar="FOLDER", help="with progress files below")
    predicted.add_argument("--of", default="", metavar="NAME", help="one prediction, or a lesson: 02")
    predicted.add_argument("--answers", action="store_true", help="with the right answers")
    predicted.set_defaults(run=_predictions)

    handout = commands.add_parser("handout", help="write solutions to be handed out, a notebook a question")
    handout.add_argument("names", nargs="+", metavar="NAME", help="a question, or a lesson: 02")
    handout.add_argument("--to", type=Path, default=Path("handouts"), metavar="DIR", help="(handouts)")
    handout.set_defaults(run=_handout)

    slides = commands.add_parser("slides", help="write slides of lessons, which need no network")
    slides.add_argument("names", nargs="*", metavar="NAME", help="02, 02_forward_pass; none: all")
    slides.add_argument("--to", type=Path, default=Path("slides"), metavar="DIR", help="(slides)")
    slides.set_defaults(run=_slides)

    review = commands.add_parser("review", help="answer what is due for review, ten minutes at most")
    review.add_argument("--anki", type=Path, metavar="FILE.apkg", help="write a deck for Anki instead")
    review.set_defaults(run=_review)

    room.add_to(commands)

    claims = commands.add_parser("claims", help="what the course claims, and what was measured of it")
    claims.add_argument("--lesson", default="", metavar="NN", help="the claims of one lesson")
    claims.set_defaults(run=_claims)

    measure = commands.add_parser("measure", help="measure claims again, and store what it gives")
    measure.add_argument("names", nargs="*", metavar="CLAIM", help="all of them, where none is named")
    measure.add_argument("--lesson", default="", metavar="NN", help="the claims of one lesson")
    measure.add_argument("--seeds", type=_count, default=5, metavar="N", help="how many seeds (5)")
    measure.add_argument("--jobs", type=_count, default=2, metavar="N", help="runs at a time (2)")
    measure.add_argument(
        "--on", default="", metavar="ADDRESS", help="of a Dask scheduler: measure on its cluster"
    )
    measure.add_argument(
        "--scale", choices=("full", "large"), default="full", help="large: with a ResNet-20, on a GPU (full)"
    )
    measure.add_argument("--again", action="store_true", help="also what is stored already")
    measure.set_defaults(run=_measure)

    inspect = commands.add_parser(
        "inspect",
        help="say what the norm layers of a model of your own do; 1 where there are warnings",
        epilog="A name is the thing itself, or a function that makes it: bn-course inspect net:make_model "
        "--batches net:loader looks into net.py. The model is inspected in the mode that it comes in.",
    )
    inspect.add_argument("model", metavar="MODULE:MODEL")
    inspect.add_argument("--batches", required=True, metavar="MODULE:LOADER", help="a few are enough")
    inspect.add_argument("--json", action="store_true", help="print everything as JSON")
    inspect.set_defaults(run=_inspect)

    reset = commands.add_parser("reset", help="start an exercise again; your answers are kept beside it")
    reset.add_argument("name", metavar="NAME", help="02, 02_forward_pass or the notebook's path")
    reset.set_defaults(run=_reset)

    update = commands.add_parser("update", help="fetch the newest course; your answers are carried over")
    update.set_defaults(run=_update)

    pack = commands.add_parser("pack", help="write your answers and progress to one file")
    pack.add_argument("file", nargs="?", type=Path, default=Path(), metavar="FILE_OR_FOLDER", help="(here)")
    pack.set_defaults(run=_pack)

    unpack = commands.add_parser("unpack", help="bring in what was packed; no answer is overwritten")
    unpack.add_argument("file", type=Path, metavar="FILE.zip")
    unpack.set_defaults(run=_unpack)
    return parser


def _lab(arguments: argparse.Namespace) -> int:
    from bn_course.lab import open_lab

    open_lab(browser=not arguments.no_browser, extra=arguments.extra)
    return 0


def _doctor(arguments: argparse.Namespace) -> int:
    from bn_course import doctor

    findings = doctor.examine()
    doctor.show(findings)
    return 0 if doctor.can_run(findings) else 1


def _progress(arguments: argparse.Namespace) -> int:
    import bn_course

    print(bn_course.progress())
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from bn_course.grading.notebook import UnreadableNotebook, check_file

    try:
        return check_file(arguments.file)
    except UnreadableNotebook as error:
        return _fail(error)


def _grade(arguments: argparse.Namespace) -> int:
    from bn_course.workshop import command

    return command.run(arguments)


def _nbgrader(arguments: argparse.Namespace) -> int:
    from bn_course.workshop.nbgrader import export

    written = export(arguments.course)
    print(f"{len(written)} files written in {arguments.course}; what was there is as it was.")
    print(f"Next: cd {arguments.course}, then nbgrader generate_assignment 02_forward_pass")
    return 0


def _predictions(arguments: argparse.Namespace) -> int:
    from bn_course.workshop import room

    print(room.summary(room.read(arguments.paths), arguments.of, arguments.answers))
    return 0


def _handout(arguments: argparse.Namespace) -> int:
    from bn_course.workshop import handout

    try:
        found = [question for name in arguments.names for question in handout.find(name)]
    except ValueError as error:
        return _fail(error)
    for question in found:
        print(handout.hand_out(question, arguments.to))
    return 0


def _slides(arguments: argparse.Namespace) -> int:
    from bn_course.workshop import slides

    for stem in [course.stem_of(name) for name in arguments.names] or course.exercises():
        print(slides.write(stem, arguments.to))
    return 0


def _review(arguments: argparse.Namespace) -> int:
    if arguments.anki:
        from bn_course.review import deck

        print(f"{deck.export(arguments.anki)} items written in {arguments.anki}")
        return 0
    from bn_course.review import terminal

    terminal.review()
    return 0


def _claims(arguments: argparse.Namespace) -> int:
    from bn_course.experiments.show import show_ledger

    show_ledger(arguments.lesson)
    return 0


def _measure(arguments: argparse.Namespace) -> int:
    from bn_course.experiments import catalogue, measuring

    large = catalogue.LARGE if arguments.scale == "large" else ""
    wanted = [large + name for name in arguments.names] or catalogue.names(arguments.lesson, bool(large))
    try:
        measuring.measure_all(wanted, arguments.seeds, arguments.jobs, arguments.again, arguments.on)
    except ValueError as error:
        return _fail(error)
    return _claims(arguments)


def _inspect(arguments: argparse.Namespace) -> int:
    from bn_course.inspect import command

    try:
        return command.run(arguments.model, arguments.batches, arguments.json)
    except command.NameNotFoundError as error:
        print(f"bn-course: {error}", file=sys.stderr)
        return 2


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"at least 1, not {number}")
    return number


def _reset(arguments: argparse.Namespace) -> int:
    file, kept = course.reset(arguments.name)
    if kept is None:
        print(f"{file} is as it came.")
    else:
        print(f"{file} is as it came. What you had is in {kept.name}, beside it.")
        print("If it is open in JupyterLab: File, Reload Notebook from Disk.")
    return 0


def _update(arguments: argparse.Namespace) -> int:
    from bn_course.update import update

    update()
    return 0


def _pack(arguments: argparse.Namespace) -> int:
    from bn_course import work

    print(work.save(arguments.file))
    return 0


def _unpack(arguments: argparse.Namespace) -> int:
    from bn_course import work

    try:
        work.unpack(arguments.file.read_bytes())
    except work.NoWork as error:
        return _fail(error)
    return 0


def _fail(error: Exception) -> int:
    print(f"bn-course: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
