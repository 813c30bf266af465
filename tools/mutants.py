"""Do the tests notice when a line of `bn_course.norms` or `bn_course.grading` is changed?

    python tools/mutants.py                           all, in about half an hour; evidence/mutants.json
    python tools/mutants.py 'bn_course.norms.rms*'    these once more, after a change of code or tests

mutmut (pyproject.toml says what it changes and which tests it runs) makes one small change at a time, a
mutant, and runs the tests that reach it until one fails. Where none does, tools/mutants.toml gives the reason
why the change makes no difference, or else the mutant is shown and the exit code is 1.
"""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files

REPOSITORY = Path(__file__).resolve().parent.parent
EVIDENCE = REPOSITORY / "evidence" / "mutants.json"
REASONS = Path(__file__).with_suffix(".toml")
KILLED = {"killed", "timeout", "segfault"}


def main(names: list[str]) -> int:
    if not names:
        shutil.rmtree(REPOSITORY / "mutants", ignore_errors=True)
    os.nice(10)
    os.chdir(REPOSITORY)  # mutmut works in the folder that it is called from
    command = [Path(sys.executable).with_name("mutmut"), "run", "--max-children", "1", *names]
    subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, check=True)

    files, survivors = defaultdict(Counter), []
    for file, name, status in results(names):
        files[file]["mutants"] += 1
        files[file]["killed"] += status in KILLED
        if status not in KILLED:
            survivors.append((file, name))

    equivalent, unexplained = defaultdict(list), []
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8"))["equivalent"]
    for file, name in survivors:
        change = changed_lines(get_diff_for_mutant(name, path=file))
        reason = next((r["reason"] for r in reasons if explains(r, file, change)), None)
        files[file]["equivalent" if reason else "unexplained"] += 1
        if reason:
            equivalent[reason].append({"file": file, "function": function_of(name), "change": change})
        else:
            unexplained.append(f"{name}\n    " + change.replace("\n", "\n    "))

    table = {file: {key: counts[key] for key in COLUMNS} for file, counts in sorted(files.items())}
    total = {key: sum(row[key] for row in table.values()) for key in COLUMNS}
    show({**table, "together": total})
    print(*unexplained, sep="\n")
    if not names:
        record = {
            "what": "mutants, small changes of one place each: killed by a test, equivalent, or unexplained",
            "tool": f"mutmut {version('mutmut')}",
            "date": date.today().isoformat(),
            "together": total,
            "files": table,
            "equivalent": [{"reason": reason, "mutants": found} for reason, found in equivalent.items()],
        }
        EVIDENCE.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        for entry in reasons:
            if entry["reason"] not in equivalent:
                print(f"No mutant survives any more for this reason: {entry['reason']}")
    return 1 if unexplained else 0


COLUMNS = ("mutants", "killed", "equivalent", "unexplained")


def results(names: list[str]) -> Iterator[tuple[str, str, str]]:
    """File, name and status of every mutant that was tried, or of those that `names` match."""
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for name, code in data.exit_code_by_key.items():
            if code is not None and (not names or any(fnmatch.fnmatch(name, wanted) for wanted in names)):
                yield str(path), name, status_by_exit_code[code]


def changed_lines(diff: str) -> str:
    """The lines that a mutant takes away, with −, and puts in their place, with +; without indentation."""
    lines = [line for line in diff.splitlines() if re.match(r"[-+](?![-+]{2} )", line)]
    return "\n".join(line[0] + line[1:].strip() for line in lines)


def function_of(name: str) -> str:
    """'bn_course.norms.rms.x_rms_norm__mutmut_3' → 'rms_norm'; of a method with its class."""
    mangled = name.rpartition(".")[2].rpartition("__mutmut_")[0]
    return mangled.removeprefix("xǁ").replace("ǁ", ".") if "ǁ" in mangled else mangled.removeprefix("x_")


def explains(entry: dict, file: str, change: str) -> bool:
    return fnmatch.fnmatch(file, entry["file"]) and any(re.search(p, change) for p in entry["changes"])


def show(rows: dict[str, dict[str, int]]) -> None:
    width = max(map(len, rows))
    print(f"\n{'':{width}}", *(f"{key:>11}" for key in COLUMNS))
    for file, row in rows.items():
        print(f"{file:{width}}", *(f"{row[key]:>11}" for key in COLUMNS))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
