"""The report is for the instructor alone, as a file."""

from room_server import failed, get, prediction


def test_the_instructor_is_given_both_files(room):
    room.instructor.press("open", "02-variance", 60)
    learner = room.join("Ada")
    learner.send(prediction("b"), failed("batch_stats", "sample-variance"))
    for path, kind in (("report", "text/html"), ("report.csv", "text/csv")):
        answer = room.instructor.get(path)
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["content-disposition"].startswith("attachment")
        assert "1 of 1 (21% to 100%)" in answer.text
        assert "sample-variance" in answer.text
        assert "Ada" not in answer.text
        assert learner.get(path).status_code == get(f"{room.base}/{path}").status_code == 401
