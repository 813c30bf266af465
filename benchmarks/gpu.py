"""All that this course asks of a machine with a GPU, in one command: about eight minutes on an H200,
and after them hours for the claims that are measured with a ResNet-20 on CIFAR-10, which is fetched (162 MB).

    python benchmarks/gpu.py              on the first CUDA device
    python benchmarks/gpu.py --rehearse   the same steps on the CPU, in Triton's interpreter, at small shapes:
                                          nothing is timed and nothing is recorded

Every step is a process of its own with its own limit of time. What it said and how it ended is written to
`build/gpu/` as soon as it ends; a step that succeeded is not run again unless its command or what it runs
has changed, so that after an interruption the same command goes on where it was. `--afresh` forgets all.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import torch

REPOSITORY = Path(__file__).resolve().parent.parent
RESULTS = REPOSITORY / "build" / "gpu"
LARGE = "bn_course/experiments/large"
SOURCES = ("bn_course/gpu", "bn_course/checks/06_pytorch_and_gpu", "tests/gpu", LARGE)
LESSON = "06_pytorch_and_gpu"


@dataclass(frozen=True)
class Step:
    """A name, what is run by Python, and the most seconds that it may take."""

    name: str
    command: tuple[str, ...]
    limit: int


def steps(rehearse: bool) -> list[Step]:
    """What is done, in order: what matters most comes first, should the machine's time run out."""
    small = ("--rehearse",) if rehearse else ()
    few = ("-k", "bits or deviations") if rehearse else ()  # `make test` interprets them all
    lesson = ("tools/execute.py", f"notebooks/{LESSON}.ipynb") if not rehearse else (
        "-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", str(RESULTS),
        f"notebooks/{LESSON}.ipynb",
    )  # fmt: skip
    claims = ("bn_course.cli", "measure", "--scale", "large", "--jobs", "1")  # also goes on by itself
    rehearsed = ("pytest", "-q", "-n", "0", "tests/experiments/test_large.py")
    return [
        Step("kernels", ("-m", "pytest", "-q", "-n", "0", "-x", "tests/gpu/test_fused.py", *few), 150),
        Step("norms", ("benchmarks/norms.py", *(small or ("--gpu",))), 300),
        Step("questions", ("benchmarks/kernel_questions.py", *small), 60),
        Step("lesson", lesson, 240),
        Step("claims", ("-m", *(rehearsed if rehearse else claims)), 12 * 3600),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rehearse", action="store_true", help="on the CPU; nothing is timed or recorded")
    parser.add_argument("--afresh", action="store_true", help="run again what has succeeded")
    options = parser.parse_args()
    if not options.rehearse and not torch.cuda.is_available():
        print("There is no CUDA device here: not run, and nothing is recorded.", file=sys.stderr)
        return 1
    RESULTS.mkdir(parents=True, exist_ok=True)
    done = [run(step, options) for step in steps(options.rehearse)]
    print(
        f"{sum(done)} of {len(done)} steps succeeded; what they said is in {RESULTS.relative_to(REPOSITORY)}/"
    )
    return 0 if all(done) else 1


def run(step: Step, options: argparse.Namespace) -> bool:
    """Run a step unless it has succeeded before; did it?"""
    kind = "rehearsal" if options.rehearse else "gpu"
    path = RESULTS / f"{kind}-{step.name}.json"
    mark = fingerprint(step)
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() and not options.afresh else {}
    if before.get("ended") == "succeeded" and before.get("of") == mark:
        print(f"{step.name}: succeeded on {before['when']}, not run again")
        return True
    print(f"{step.name}: at most {step.limit} s …", flush=True)
    begin = time.monotonic()
    ended, said = outcome(step, options.rehearse)
    record = {
        "step": step.name,
        "command": step.command,
        "device": "Triton's interpreter, on the CPU" if options.rehearse else torch.cuda.get_device_name(),
        "when": datetime.now().isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - begin, 1),
        "ended": ended,
        "of": mark,
        "said": said.splitlines()[-60:],
    }
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{step.name}: {ended} after {record['seconds']} s", flush=True)
    return ended == "succeeded"


def outcome(step: Step, rehearse: bool) -> tuple[str, str]:
    """How the step ended, and what it said."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    environment |= {"TRITON_INTERPRET": "1"} if rehearse else {}
    # The end of a long output counts: it goes to a file, which also holds what a stopped step has said.
    with (RESULTS / f"{step.name}.log").open("w+", encoding="utf-8") as log:
        try:
            done = subprocess.run(
                [sys.executable, *step.command], cwd=REPOSITORY, env=environment, stdout=log, stderr=log,
                timeout=step.limit * (10 if rehearse else 1),
            )  # fmt: skip
            ended = "succeeded" if done.returncode == 0 else f"failed with {done.returncode}"
        except subprocess.TimeoutExpired:
            ended = "stopped at its limit"
        log.seek(0)
        return ended, log.read()


def fingerprint(step: Step) -> str:
    """Of the step's command and of the sources that it runs."""
    digest = hashlib.sha256(repr(step).encode())
    own = [REPOSITORY / word for word in step.command if (REPOSITORY / word).is_file()]
    shared = [path for folder in SOURCES for path in sorted((REPOSITORY / folder).rglob("*.py"))]
    for path in (*own, *shared):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(main())
