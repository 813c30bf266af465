"""The course's repository, as `bn-course update` uses it: what is newer, and how it gets here.

Nothing here loses a line: what git would refuse is seen before anything is touched, and is told in words
that say what to type.
"""

import os
import re
import shlex
import subprocess
from pathlib import Path

OURS = ("exercises", "notebooks")

_NO_NETWORK = "the course cannot be reached: is there a network? To see more, type git fetch"

# A part of what git says → what to do about it.
_WORDS = {
    "Could not read from remote": _NO_NETWORK,
    "unable to access": _NO_NETWORK,
    "dubious ownership": "the folder belongs to somebody else: type "
    "git config --global --add safe.directory {repository}",
    "not a git repository": "{repository} is no git repository any more: get the course again with git clone",
    "HEAD does not point to a branch": "no branch is checked out: type git switch main",
    "no upstream configured": "the branch follows none of the course's: type "
    "git branch --set-upstream-to=origin/main",
    "unmerged": "a merge is under way: type git merge --abort, or finish it",
}


class UpdateFailed(OSError):  # noqa: N818 - says what is wrong
    """The newer course could not be had; the learner's files are as they were."""

    def __str__(self) -> str:
        return f"{super().__str__()} (your files are as they were)"


class Checkout:
    """A git repository with the course, whose branch follows the course's own."""

    def __init__(self, folder: Path):
        self.folder = folder

    def fetch(self) -> bool:
        """Ask for the newest. Returns whether there is anything new. Raises UpdateFailed."""
        self.git = Path(self._git("rev-parse", "--absolute-git-dir").strip())
        if any((self.git / name).exists() for name in ("MERGE_HEAD", "rebase-merge", "rebase-apply")):
            raise UpdateFailed("a merge or a rebase is under way: finish it, or type git merge --abort")
        self._git("rev-parse", "@{upstream}")
        self._git("fetch", "--quiet")
        self.newest = self._git("rev-parse", "@{upstream}").strip()
        self.head = self._git("rev-parse", "HEAD").strip()
        self.base = self._git("merge-base", self.head, self.newest).strip()
        return self.base != self.newest

    def refuse_what_git_would(self) -> None:
        """Raise UpdateFailed where the learner changed a file, none of ours, that is newer as well."""
        theirs = self._names("--diff-filter=MDT", self.base, self.newest)
        both = sorted(theirs & self._names(self.head, "--", ".", *(f":(exclude){name}" for name in OURS)))
        if both:
            then = "type git stash, then bn-course update, then git stash pop"
            raise UpdateFailed(f"you have changed {', '.join(both)}, which is newer as well: {then}")

    def changed(self) -> list[str]:
        """Our notebooks whose content is not as they were given, committed, staged or neither."""
        names = self._names("--diff-filter=MT", self.base, "--", *OURS)
        return sorted(name for name in names if name.endswith(".ipynb"))

    def missing(self) -> list[str]:
        """Our files that were deleted or moved away, and not committed so."""
        return sorted(self._names("--diff-filter=D", self.head, "--", *OURS))

    def in_the_way(self) -> list[str]:
        """Files of the learner's own whose names new files of the course have."""
        new = self._names("--diff-filter=A", self.base, self.newest)
        known = self._paths("ls-tree", "-r", "--name-only", "-z", self.head)
        return sorted(name for name in new - known if os.path.lexists(self.folder / name))

    def given(self, name: str) -> str:
        """What a file was when it came."""
        return self._git("show", f"{self.base}:./{name}")

    def set_back(self, names: list[str]) -> None:
        """Let files be, here and in git's index, as the branch has them; those that it has not, be gone."""
        known = self._paths("ls-tree", "-r", "--name-only", "-z", self.head)
        if back := [name for name in names if name in known]:
            self._git("checkout", "--quiet", self.head, "--", *back)
        for name in set(names) - known:
            (self.folder / name).unlink()
            self._git("reset", "--quiet", "--", name)

    def merge(self) -> None:
        """Move to the newest. Commits of the learner's own stay; our notebooks are as the newest has them."""
        if self.base == self.head:
            self._git("merge", "--quiet", "--ff-only", self.newest)
            return
        try:
            self._git(
                *self._somebody(),
                "merge",
                "--quiet",
                "--no-ff",
                "--no-commit",
                "-X",
                "no-renames",
                self.newest,
            )
        except UpdateFailed:
            if not (self.git / "MERGE_HEAD").exists():
                raise
        try:
            here = [name for name in OURS if self._paths("ls-tree", "--name-only", "-z", self.newest, name)]
            self._git("checkout", "--quiet", self.newest, "--", *here)
            if torn := sorted(self._names("--diff-filter=U")):
                then = f"type git merge {self.newest[:12]}, mend them and commit"
                raise UpdateFailed(
                    f"your own commits change {', '.join(torn)}, which is newer as well: {then}"
                )
            self._git(*self._somebody(), "commit", "--quiet", "--no-edit", "--no-verify")
        except UpdateFailed:
            self._git("merge", "--abort")
            raise

    def _somebody(self) -> list[str]:
        """A commit has an author; where the learner told git none, the update is it."""
        if self._ask("config", "user.email").returncode == 0:
            return []
        return ["-c", "user.name=bn-course update", "-c", "user.email=update@localhost"]

    def _names(self, *words: str) -> set[str]:
        return self._paths("diff", "--relative", "--no-renames", "--name-only", "-z", *words)

    def _paths(self, *words: str) -> set[str]:
        return set(filter(None, self._git(*words).split("\0")))

    def _git(self, *words: str) -> str:
        done = self._ask(*words)
        if done.returncode == 0:
            return done.stdout
        if lock := re.search(r"'([^']+\.lock)': File exists", done.stderr):
            reason = "another git is at work here, or one was cut short"
            raise UpdateFailed(f"{reason}: if none runs, type rm '{lock[1]}'")
        for part, advice in _WORDS.items():
            if part in done.stderr:
                raise UpdateFailed(advice.format(repository=self.folder))
        command = shlex.join(["git", "-C", str(self.folder), *words])
        raise UpdateFailed(f"git could not do its part. To see why, type {command}")

    def _ask(self, *words: str) -> subprocess.CompletedProcess:
        try:
            return subprocess.run(
                ["git", "-C", str(self.folder), *words],
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="surrogateescape",
                env={**os.environ, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"},
            )
        except FileNotFoundError:
            raise UpdateFailed("git is not there: install it, or get the course again as a wheel") from None
