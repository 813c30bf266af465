"""What a room did, in numbers: predictions before and after, questions, misconceptions."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean, median

from bn_course.grading.catalogue import catalogue, predictions
from bn_course.grading.show import came_true
from bn_course.review.item_analysis import Analysis, analyse
from bn_course.room.store import Row
from bn_course.room.votes import Answer, Vote, Votes


@dataclass(frozen=True)
class Predicted:
    """A vote: who was right in each round, of how many, and how sure the right and the wrong were at first.

    `gain` is of those who voted twice: (after − before) / (1 − before), Hake's (1998) normalised gain; None
    where nobody was wrong at first.
    """

    question: str
    before: tuple[int, int]
    after: tuple[int, int] | None
    gain: float | None
    sure_right: float | None
    sure_wrong: float | None


def predicted(rows: Iterable[Row]) -> list[Predicted]:
    """Every vote, in the order in which they were opened."""
    return [_predicted(vote) for vote in Votes(rows).of.values()]


def _predicted(vote: Vote) -> Predicted:
    marked = [{who: _right(vote.question, a) for who, a in each.answers.items()} for each in vote.rounds]
    sure: dict[bool, list[int]] = defaultdict(list)
    for who, answer in vote.rounds[0].answers.items():
        sure[marked[0][who]].append(answer.confidence)
    after = (sum(marked[1].values()), len(marked[1])) if len(marked) > 1 else None
    return Predicted(
        vote.question,
        (sum(marked[0].values()), len(marked[0])),
        after,
        _gain(*marked) if after else None,
        *(mean(sure[right]) if sure[right] else None for right in (True, False)),
    )


def _gain(before: dict[str, bool], after: dict[str, bool]) -> float | None:
    both = before.keys() & after.keys()
    wrong = sum(not before[who] for who in both)
    return (sum(after[who] for who in both) - sum(before[who] for who in both)) / wrong if wrong else None


def _right(question: str, answer: Answer) -> bool:
    return came_true(answer.choice, predictions()[question])


def prediction_items(rows: Iterable[Row]) -> list[Analysis]:
    """Everybody's first answer to each prediction, in a vote or alone, as the items of a test."""
    sheets: dict[str, dict[str, bool]] = defaultdict(dict)
    for row in rows:
        if row.kind == "prediction":
            answer = Answer(row.body["choice"], row.body["confidence"])
            sheets[row.learner].setdefault(row.body["question"], _right(row.body["question"], answer))
    return analyse(list(sheets.values()))


@dataclass(frozen=True)
class Tried:
    """A question: who tried it and who passed, their attempts, and minutes from the first to the pass."""

    question: str
    learners: int
    passed: int
    attempts: float
    minutes: float | None
    mistakes: tuple[tuple[str, int], ...]  # how many learners had it, at any attempt


def tried(rows: Iterable[Row]) -> list[Tried]:
    """Every question that somebody has tried, in the order of the course."""
    checks: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.kind == "check":
            checks[row.body["question"]][row.learner].append(row)
    return [_tried(name, list(checks[name].values())) for name in catalogue() if name in checks]


def _tried(name: str, each: Sequence[list[Row]]) -> Tried:
    passes = [next((row for row in some if row.body["state"] == "passed"), None) for some in each]
    took = [(done.received - some[0].received) / 60 for some, done in zip(each, passes, strict=True) if done]
    met = Counter(key for some in each for key in {k for row in some for k in row.body["misconceptions"]})
    mistakes = tuple(sorted(met.items(), key=lambda one: (-one[1], one[0])))
    return Tried(name, len(each), len(took), median(map(len, each)), median(took) if took else None, mistakes)


def question_items(rows: Iterable[Row]) -> list[Analysis]:
    """Who passed each question that they tried, as the items of a test."""
    sheets: dict[str, dict[str, bool]] = defaultdict(dict)
    for row in rows:
        if row.kind == "check":
            sheet, name = sheets[row.learner], row.body["question"]
            sheet[name] = sheet.get(name, False) or row.body["state"] == "passed"
    return analyse(list(sheets.values()))
