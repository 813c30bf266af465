"""A review as it goes: one item after another, for the box of a notebook and for a terminal."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bn_course.grading import progress
from bn_course.review import memory, schedule
from bn_course.review.bank import bank
from bn_course.review.choosing import mistakes
from bn_course.review.item import RIGHT, Asked
from bn_course.review.screen import Screen

LIMIT = timedelta(minutes=10)


class Review:
    """The items `names`, in their order; one that is missed comes again at the end, in other numbers.

    The first answer to each counts for the schedule. After ten minutes no new item is begun.
    """

    def __init__(self, names: Sequence[str], clock: Callable[[], datetime] = schedule.now):
        self.clock, self.begin = clock, clock()
        self.queue, self.total = deque(names), len(names)
        self.shown: Counter[str] = Counter()
        self.answered: dict[str, bool] = {}  # what was said at the first time
        self.asked: Asked | None = None
        self.order: list[str] = []
        self.said = ""
        self._begin()

    def _begin(self) -> None:
        self.asked, self.said = None, ""
        if not self.queue or self.clock() - self.begin >= LIMIT:
            return
        name, state, seed = self.queue[0], memory.load(), progress.seed()
        self.shown[name] += 1
        times = f"{state['cards'].get(name, {'times': 0})['times']}.{self.shown[name]}"
        self.asked = bank()[name].asked(seed, times, mistakes(state, progress.load()))
        self.order = self.asked.order(f"{seed}/{times}")

    def choose(self, place: int) -> None:
        """Answer the item with the choice at this place; what came of it is said on the screen."""
        if self.asked is None or self.said or place not in range(len(self.order)):
            return
        key, name = self.order[place], self.queue.popleft()
        right, warning = key == RIGHT, None
        if name not in self.answered:
            warning = memory.change(lambda state: self._keep(state, name, right, key))
            self.answered[name] = right
        if not right:
            self.queue.append(name)
        verdict = "Right." if right else f"Not so. Right is: “{self.asked.choices[RIGHT]}”."
        mistake = self.asked.mistakes.get(key, "")
        self.said = " ".join(filter(None, (verdict, mistake, self.asked.why, warning)))

    def _keep(self, state: dict, name: str, right: bool, key: str) -> None:
        state["cards"][name] = schedule.reviewed(state["cards"].get(name), right, self.clock(), key)

    def go_on(self) -> None:
        """The next item, once this one is answered."""
        if self.said:
            self._begin()

    def screen(self) -> Screen:
        """What is to be seen now."""
        if self.asked is None:
            return Screen(text=self._end(), done=True)
        texts = [self.asked.choices[key] for key in self.order]
        place = len(self.answered) + (not self.said)
        again = self.queue and not self.said and self.queue[0] in self.answered
        where = "again" if again else f"{min(place, self.total)} of {self.total}"
        right = self.order.index(RIGHT) if self.said else None
        return Screen(self.asked.text, self.asked.code, texts, where, self.said, right=right)

    def _end(self) -> str:
        lines = []
        if self.answered:
            good = sum(self.answered.values())
            lines.append(f"{good} of {len(self.answered)} were right at once.")
        elif not self.total:
            lines.append("Nothing is due.")
        left = set(self.queue) - set(self.answered)
        if left:
            lines.append(f"Ten minutes are over. What is left, {len(left)}, stays due.")
        days = schedule.calendar(memory.load()["cards"], self.clock())
        return "\n".join([*lines, *schedule.told(days)])
