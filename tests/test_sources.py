"""A source has one form: wherever the course cites a paper, its year is the same."""

import json
import re
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ARXIV = re.compile(r"arXiv:(\d{4}\.\d{5})")
YEAR = re.compile(r"(?<![\d.:])((?:19|20)\d\d)(?![\d.])")
NAME = r"[^\W\d_a-zß-ÿ][\w’'-]+"  # begins with a capital
CITED = re.compile(rf"({NAME})(?: et al\.| and others|(?:, {NAME})* (?:and|&) {NAME}),? \(?((?:19|20)\d\d)\b")
NAMESAKES = {("Zhu", "2017"), ("Karras", "2019")}  # CycleGAN and StyleGAN, which are cited by a link


@lru_cache
def texts():
    """What learners and readers see: lessons, solutions, claims, words of the checks, docs, docstrings."""
    found = {}
    for folder in ("notebooks", "solutions"):
        for path in sorted((ROOT / folder).glob("*.ipynb")):
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            found[path] = "\n\n".join("".join(cell["source"]) for cell in cells)
    for folder, endings in (("bn_course", ("py", "toml")), ("docs", ("md",))):
        for ending in endings:
            for path in sorted((ROOT / folder).rglob(f"*.{ending}")):
                found[path] = path.read_text(encoding="utf-8")
    return found


def years_of_papers():
    """For each arXiv number the years beside it, and where: the last year in the 200 characters before."""
    found = defaultdict(lambda: defaultdict(set))
    for path, text in texts().items():
        for hit in ARXIV.finditer(text):
            before = ARXIV.split(text[max(0, hit.start() - 200) : hit.start()])[-1]
            if years := YEAR.findall(before):
                found[hit[1]][years[-1]].add(path.name)
    return found


def authors_of_papers():
    """The years of each first author's papers that are cited with their arXiv number."""
    found = defaultdict(set)
    for text in texts().values():
        for hit in ARXIV.finditer(text):
            before = ARXIV.split(text[max(0, hit.start() - 200) : hit.start()])[-1]
            for name, year in CITED.findall(before):
                found[name].add(year)
    return found


def test_a_paper_has_one_year():
    papers = years_of_papers()
    assert len(papers) > 60
    several = {number: dict(years) for number, years in papers.items() if len(years) > 1}
    assert several == {}


def test_the_authors_of_a_paper_are_cited_with_its_year():
    """In prose, where the number is not repeated."""
    known = authors_of_papers()
    wrong = {
        (path.name, name, year)
        for path, text in texts().items()
        for name, year in CITED.findall(text)
        if name in known and year not in known[name] and (name, year) not in NAMESAKES
    }
    assert wrong == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Santurkar et al. 2018, arXiv:1805.11604", [("Santurkar", "2018")]),
        ("Cooijmans and others (2016) use the last", [("Cooijmans", "2016")]),
        ("Ioffe and Szegedy (2015)", [("Ioffe", "2015")]),
        ("Arora, Li and Lyu 2018", [("Arora", "2018")]),
        ("in 2018 Li tried", []),
    ],
)
def test_a_citation_is_recognised(text, expected):
    assert CITED.findall(text) == expected
