"""Write the exercises as a course that nbgrader understands."""

import shutil
from pathlib import Path

from bn_course.course import folder

_CONFIG = '''"""nbgrader's settings for the course on batch normalisation. Run nbgrader in this folder."""

c = get_config()  # noqa: F821 - nbgrader defines it

c.CourseDirectory.course_id = "bn-course"
c.ExecutePreprocessor.timeout = 60  # seconds a cell
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
'''


def export(course: Path) -> list[Path]:
    """Write `source/NN_name/NN_name.ipynb` for each exercise, and nbgrader's configuration.

    A file that is there already is left as it is. Returns the files that were written.
    """
    written = []
    for solution in sorted(folder("solutions").glob("*.ipynb")):
        target = course / "source" / solution.stem / solution.name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(solution, target)
            written.append(target)
    config = course / "nbgrader_config.py"
    if not config.exists():
        config.write_text(_CONFIG, encoding="utf-8")
        written.append(config)
    return written
