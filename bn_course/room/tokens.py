"""Who may do what in a room: signed tokens for learners, a secret for the instructor.

Both are made from the room's own random key, so every process that has the database knows them, and those of
a room that was forgotten are worth nothing in a later room of the same code.
"""

import secrets
from hashlib import sha256

from itsdangerous import BadSignature, Signer, URLSafeSerializer

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O, which look like 1 and 0
LENGTH = 5  # eight million codes
_SIGNER = {"key_derivation": "hmac", "digest_method": sha256}


def new_code() -> str:
    """What stands in a room's link."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def new_key() -> str:
    """The random key of a room: 32 bytes in URL-safe characters."""
    return secrets.token_urlsafe(32)


def learner_named(key: str, joining: str) -> str:
    """The name under which the events are kept of whoever joined with this UUID, which they alone know.

    Whoever sends the same request once more is the same learner; nobody can choose another's name.
    """
    return _signer(key, "joining").get_signature(joining).decode()


def learner_token(key: str, learner: str) -> str:
    """What a learner sends along to be known as `learner` in the room of this key."""
    return _tokens(key).dumps(learner)


def learner_of(key: str, token: str) -> str | None:
    """The learner to whom the token was given in the room of this key; None for any other text."""
    try:
        return _tokens(key).loads(token)
    except BadSignature:
        return None


def instructor_secret(key: str) -> str:
    """The instructor's secret of the room of this key."""
    return _signer(key, "instructor").get_signature("instructor").decode()


def is_instructor(key: str, secret: str) -> bool:
    """Whether this is the instructor's secret; compared in constant time."""
    return _signer(key, "instructor").verify_signature("instructor", secret)


def _tokens(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="bn-course room learner", signer_kwargs=_SIGNER)


def _signer(key: str, what: str) -> Signer:
    return Signer(key, salt=f"bn-course room {what}", **_SIGNER)
