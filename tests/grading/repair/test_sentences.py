"""What is said of a place: short, true, and without the fix."""

from bn_course.grading.repair import Place, place_sentence


def place(line, text, role="alone"):
    return Place(line, text, 4, 4 + len(text), "f", "Write `2` for `1`.", role)


def test_one_place():
    said = place_sentence([place(7, "np.sqrt(running_var + eps) * gamma")])
    assert said == (
        "Look at line 7: `np.sqrt(running_var + eps) * gamma`. "
        "Changed in one place, your answer passes these checks."
    )


def test_two_places_either_of_which_would_do():
    said = place_sentence([place(2, "a", "either"), place(4, "b", "either")])
    assert (
        said
        == "Look at line 2: `a`, or at line 4: `b`. Changed in one place, your answer passes these checks."
    )


def test_two_changes_together():
    said = place_sentence([place(2, "a", "together"), place(4, "b", "together")])
    assert (
        said
        == "Look at line 2: `a` and line 4: `b`. Changed in both places, your answer passes these checks."
    )


def test_one_change_in_several_places():
    said = place_sentence([place(n, "x.mean(1)", "alike") for n in (2, 3, 4)])
    assert said.endswith(
        "and line 4: `x.mean(1)`. With the same change in each, your answer passes these checks."
    )


def test_nothing_is_said_of_no_place_and_never_that_an_answer_is_right():
    assert place_sentence([]) == ""
    for role in ("alone", "either", "together", "alike"):
        said = place_sentence([place(1, "a", role), place(2, "b", role)])
        assert "right" not in said
        assert "Write" not in said


def test_a_place_is_ready_for_json():
    one = place(3, "x")
    assert Place(**one.to_dict()) == one
    assert one.moved(2).line == 5
