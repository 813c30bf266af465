"""Where is the mistake? The one place of a source whose change makes the answer pass every probe."""

from bn_course.grading.repair.place import Place, place_sentence
from bn_course.grading.repair.search import find_place

__all__ = ["Place", "find_place", "place_sentence"]
