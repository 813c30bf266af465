"""Two states of one learner made one: what either has done is done. Nothing is lost on the way.

Where only one of two can count, a prediction say, it is the one that was here.
"""

from itertools import zip_longest

from bn_course.grading.progress_file import question


def progress(mine: dict, theirs: dict) -> None:
    """Bring into `mine` what a progress file has: what passed anywhere has passed."""
    for name, entry in theirs["questions"].items():
        mine["questions"][name] = _more(mine["questions"].get(name, question()), question() | entry)
    mine["predictions"] = theirs["predictions"] | mine["predictions"]
    if "capstone" in theirs:
        own = mine.get("capstone", {"passed": False, "attempts": 0})
        mine["capstone"] = own | _most(own, theirs["capstone"], "passed", "attempts")
    _others(mine, theirs)


def review(mine: dict, theirs: dict) -> None:
    """Bring into `mine` what a review file has: the newer schedule of each item, all answers, both texts."""
    for name, entry in theirs["cards"].items():
        mine["cards"][name] = _newer(mine["cards"].get(name, entry), entry)
    for which, entry in theirs["inventory"].items():
        own = mine["inventory"].get(which, entry)
        finished = own["finished"] or entry["finished"]
        mine["inventory"][which] = own | {"answers": entry["answers"] | own["answers"], "finished": finished}
    for lesson, entry in theirs["own_words"].items():
        mine["own_words"][lesson] = _both(mine["own_words"].get(lesson, entry), entry)
    _others(mine, theirs)


def _others(mine: dict, theirs: dict) -> None:
    """The learner's seed, and whatever a newer course keeps, where it is not here."""
    mine |= {name: value for name, value in theirs.items() if name not in mine}


def _more(one: dict, other: dict) -> dict:
    versions = [entry["version"] for entry in (one, other) if entry["passed"] and "version" in entry]
    version = {"version": max(versions)} if versions else {}
    counts = _counts(one["diagnoses"], other["diagnoses"])
    return one | _most(one, other, "passed", "attempts", "hints") | {"diagnoses": counts} | version


def _most(one: dict, other: dict, *names: str) -> dict:
    return {name: max(one[name], other[name]) for name in names}


def _counts(one: dict, other: dict) -> dict:
    return {key: max(one.get(key, 0), other.get(key, 0)) for key in sorted(one.keys() | other.keys())}


def _newer(one: dict, other: dict) -> dict:
    """Of two cards the one that was asked last: it knows best when the item should come back."""
    latest = max(one, other, key=lambda entry: entry["card"]["last_review"])
    counts = _counts(one["missed"], other["missed"])
    return latest | _most(one, other, "times") | {"missed": counts}


def _both(one: dict, other: dict) -> dict:
    """Both explanations, one below the other, unless the first has the second; ticked is what either has."""
    if other["text"] in one["text"]:
        text = one["text"]
    elif one["text"] in other["text"]:
        text = other["text"]
    else:
        text = f"{one['text']}\n\n{other['text']}"
    ticks = zip_longest(one["ticked"], other["ticked"], fillvalue=False)
    return one | {"text": text, "ticked": [a or b for a, b in ticks]}
