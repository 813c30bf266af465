"""Buckets refill with the clock, places are given back, and neither grows with the number of strangers."""

from bn_course.room.limits import MOST_LEARNERS, Buckets, Places


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_burst_and_then_a_rate():
    clock = Clock()
    buckets = Buckets(rate=5, burst=20, clock=clock)
    assert [buckets.take("ada") for _ in range(20)] == [0] * 20
    assert buckets.take("ada") == 0.2
    assert buckets.take("eve") == 0
    clock.now = 1.0
    assert [buckets.take("ada") > 0 for _ in range(6)] == [False] * 5 + [True]
    clock.now = 1000.0
    assert buckets.take("ada", 20) == 0
    assert buckets.take("ada") > 0


def test_who_is_refused_has_lost_nothing():
    clock = Clock()
    buckets = Buckets(rate=1, burst=10, clock=clock)
    assert buckets.take("ada", 4) == 0
    assert buckets.take("ada", 8) == 2
    assert buckets.take("ada", 6) == 0


def test_strangers_leave_nothing_behind():
    clock = Clock()
    buckets = Buckets(rate=1, burst=10, clock=clock)
    for number in range(30 * MOST_LEARNERS):
        clock.now += 0.01
        buckets.take(str(number))
    assert len(buckets._levels) <= 10 * MOST_LEARNERS + 1
    clock.now += 10
    assert buckets.take("ada", 10) == 0


def test_places_are_few_and_are_given_back():
    places = Places()
    assert [places.take("ada", 2) for _ in range(3)] == [True, True, False]
    assert places.take("eve", 2)
    places.give_back("ada")
    assert places.take("ada", 2)
    for who in ("ada", "ada", "eve"):
        places.give_back(who)
    assert places._taken == {}
