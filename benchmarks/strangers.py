"""How much of other people's mistakes the grader explains: named, placed, related, or nothing.

python benchmarks/strangers.py first            the half on which settings were tuned
python benchmarks/strangers.py second --store   the half kept apart, once, into evidence/strangers.json
"""

import argparse
import json
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/grading/strangers"))

import corpus  # noqa: E402
import numpy as np  # noqa: E402

from bn_course.experiments.measuring import processor, versions  # noqa: E402
from bn_course.grading.catalogue import catalogue  # noqa: E402
from bn_course.grading.judge import judge_here, locate_here  # noqa: E402


def graded(half: str, number: int) -> dict:
    """One answer, and what the grader says of it."""
    answer = corpus.answers(half)[number]
    question = catalogue()[answer.question]
    built = answer.build()
    begin = time.process_time()
    report = locate_here(judge_here(question, built), question, built)
    return {
        "name": answer.name,
        "question": answer.question,
        "right": answer.right,
        "passed": report.passed,
        "attempted": report.attempted,
        "truth": answer.truth,
        "at": answer.at,
        "fair": answer.keys,
        "kind": answer.kind,
        "named": report.diagnosis,
        "relation": report.relation,
        "place": report.place,
        "where": report.where,
        "explanations": report.explanations,
        "seconds": round(time.process_time() - begin, 3),
        "torch": "torch" in answer.source or question.lesson[:2] in ("06", "07", "09", "10", "13", "14"),
    }


def table(rows: list[dict]) -> str:
    """By question: wrong answers, and how many were named, placed, related, or not explained."""
    lines = [f"{'question':28s} wrong named placed related nothing"]
    for question in dict.fromkeys(row["question"] for row in rows):
        mine = [row for row in rows if row["question"] == question and not row["right"]]
        counts = Counter(kind for row in mine for kind in ways(row))
        lines.append(
            f"{question:28s} {len(mine):5d} {counts['named']:5d} {counts['placed']:6d} "
            f"{counts['related']:7d} {counts['nothing']:7d}"
        )
    return "\n".join(lines)


def ways(row: dict) -> set[str]:
    """In which ways an answer was explained."""
    found = {"named": row["named"], "placed": row["place"], "related": row["relation"]}
    return {name for name, value in found.items() if value} or {"nothing"}


def summary(rows: list[dict]) -> dict:
    """The figures that the course promises of the part that was kept apart."""
    wrong = [row for row in rows if not row["right"]]
    share = {
        "explained": np.mean([bool(ways(r) - {"nothing"}) for r in wrong]),
        "named or placed": np.mean([bool(ways(r) & {"named", "placed"}) for r in wrong]),
        "named": np.mean([bool(r["named"]) for r in wrong]),
        "placed": np.mean([bool(r["place"]) for r in wrong]),
    }
    seconds = {
        kind: float(np.percentile([r["seconds"] for r in wrong if r["torch"] == (kind == "torch")], 95))
        for kind in ("numpy", "torch")
    }
    return {
        "wrong": len(wrong),
        "right": len(rows) - len(wrong),
        **{name: round(float(value), 3) for name, value in share.items()},
        "right refused": [r["name"] for r in rows if r["right"] and not r["passed"]],
        "wrong passed": [r["name"] for r in wrong if r["passed"]],
        "seconds, right, median": round(float(np.median([r["seconds"] for r in rows if r["right"]])), 3),
        "seconds, wrong, 95th percentile": {k: round(v, 2) for k, v in seconds.items()},
    }


def main() -> None:
    """Grade the half, print the table and the figures, and store them if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("half", choices=("first", "second"))
    parser.add_argument("--store", action="store_true")
    parser.add_argument("--rows", type=Path, help="write every row to this file")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    numbers = range(len(corpus.answers(given.half)))
    with ProcessPoolExecutor(given.jobs) as pool:
        rows = list(pool.map(graded, [given.half] * len(numbers), numbers, chunksize=8))
    print(table(rows))
    print(json.dumps(summary(rows), indent=1, ensure_ascii=False))
    if given.rows:
        given.rows.write_text(json.dumps(rows, indent=1, ensure_ascii=False), encoding="utf-8")
    if given.store:
        record = {
            "half": given.half,
            "date": date.today().isoformat(),
            "machine": processor(),
            "versions": versions(),
            **summary(rows),
        }
        path = ROOT / "evidence/strangers.json"
        path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
