"""Tokens and secrets: good for one room, for one learner, and for nothing when a character is another."""

import base64
import json
import string

import pytest

from bn_course.room import tokens


def test_a_token_names_its_learner_in_its_room_alone():
    key, other = tokens.new_key(), tokens.new_key()
    token = tokens.learner_token(key, "ada")
    assert tokens.learner_of(key, token) == "ada"
    assert tokens.learner_of(other, token) is None


def test_every_changed_character_is_noticed():
    key = tokens.new_key()
    token = tokens.learner_token(key, "ada")
    for place, character in enumerate(token):
        other = "A" if character != "A" else "B"
        changed = token[:place] + other + token[place + 1 :]
        if _bytes(changed) != _bytes(token):  # the last characters of base64 have bits to spare
            assert tokens.learner_of(key, changed) is None, place


def _bytes(token):
    return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")]


@pytest.mark.parametrize("text", ["", ".", "ada", "ada.", "é.é", "\x00", "a" * 10_000, "..", "{}.{}"])
def test_other_texts_are_no_tokens(text):
    assert tokens.learner_of(tokens.new_key(), text) is None
    assert not tokens.is_instructor(tokens.new_key(), text)


def test_who_knows_another_learner_cannot_make_their_token():
    key = tokens.new_key()
    mine = tokens.learner_token(key, "eve")
    name = base64.urlsafe_b64encode(json.dumps("ada").encode()).rstrip(b"=").decode()
    assert tokens.learner_of(key, f"{name}.{mine.partition('.')[2]}") is None


def test_a_token_is_no_secret_and_a_secret_no_token():
    key = tokens.new_key()
    secret, token = tokens.instructor_secret(key), tokens.learner_token(key, "instructor")
    assert tokens.is_instructor(key, secret)
    assert not tokens.is_instructor(tokens.new_key(), secret)
    assert not tokens.is_instructor(key, token)
    assert not tokens.is_instructor(key, token.rpartition(".")[2])
    assert tokens.learner_of(key, secret) is None
    assert tokens.learner_of(key, f"instructor.{secret}") is None
    assert tokens.learner_named(key, "instructor") != secret


def test_whoever_joins_twice_with_one_id_is_one_learner():
    key = tokens.new_key()
    assert tokens.learner_named(key, "x") == tokens.learner_named(key, "x") != tokens.learner_named(key, "y")
    assert tokens.learner_named(tokens.new_key(), "x") != tokens.learner_named(key, "x")


def test_codes_are_letters_that_cannot_be_mistaken():
    codes = {tokens.new_code() for _ in range(200)}
    assert len(codes) > 190
    assert set("".join(codes)) <= set(string.ascii_uppercase) - set("IO")
    assert {len(code) for code in codes} == {tokens.LENGTH}
