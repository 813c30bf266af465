"""The longest files first: nobody then waits at the end for a long one that began last.

A worker takes whole files. What a file takes, `make test ARGS=--durations=0` says.
"""

LONGEST = (
    "tests/experiments/test_claims.py",
    "tests/grading/test_certification.py",
    "tests/notebooks/test_run.py",
    "tests/explorers/test_shells.py",
    "tests/grading/relations/test_relations.py",
    "tests/grading/repair/test_places.py",
    "tests/grading/strangers/test_graded.py",
    "tests/grading/strangers/test_strangers.py",
    "tests/inspect/test_ward.py",
    "tests/explorers/test_cost.py",
)


def pytest_collection_modifyitems(config, items):
    places = {config.rootpath / file: place for place, file in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))
