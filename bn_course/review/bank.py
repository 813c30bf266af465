"""Every item of the course: what lessons have in `checks/NN_name/items.py`, and what questions make."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from types import MappingProxyType

from bn_course.grading.catalogue import catalogue, lessons, suggest
from bn_course.review.item import Item
from bn_course.review.returns import fits, returns

_IDEAS = {  # what a lesson's questions are about, where the item is made of them
    "00_start_here": "rounding",
    "01_why_normalise": "training",
    "02_forward_pass": "shares",
    "03_backward_pass": "paths",
    "04_training_and_inference": "modes",
    "05_convolutions": "counts",
    "06_pytorch_and_gpu": "rounding",
    "07_faster_training": "training",
    "08_why_it_works": "scale",
    "09_regularisation": "noise",
    "10_small_batches": "counts",
    "11_layer_instance_group": "choice",
    "12_sequences": "choice",
    "13_in_practice": "choice",
    "14_clinic": "modes",
}


@cache
def bank() -> Mapping[str, Item]:
    """Every item by name, in the order of the lessons; nobody can change it."""
    found = {item.name: item for stem in lessons() for item in (*_written(stem), *_made(stem))}
    return MappingProxyType(found)


def _written(stem: str) -> list[Item]:
    module = import_module(f"bn_course.checks.{stem}.items")
    return [replace(value, lesson=stem) for value in vars(module).values() if isinstance(value, Item)]


def _made(stem: str) -> list[Item]:
    asked = [question for question in catalogue().values() if question.lesson == stem and fits(question)]
    return [returns(question, _IDEAS[stem]) for question in asked]


def find_item(name: str) -> Item:
    """The item called `name`; a ValueError that suggests what was meant, where there is none."""
    if name in bank():
        return bank()[name]
    raise ValueError(f"there is no item called {name!r}{suggest(name, bank())}")
