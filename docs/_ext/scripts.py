"""The scripts of a page, made of the course's own modules."""

import json
import re
from pathlib import Path

from bn_course.live.plot import module_text

SOURCES = Path(__file__).resolve().parents[1] / "_scripts"


def classic(name, given):
    """A module that exports `start`, as a script that calls it with `given`.

    Not as a module, because a browser loads none for a page that it opened from a disk.
    """
    text = re.sub(r"^export ", "", module_text(SOURCES / name), flags=re.M)
    return f"(() => {{\n{text}\nstart({json.dumps(given, ensure_ascii=False)});\n}})();\n"
