"""Lesson 14: eight patients, judged by what the mended code does."""

QUESTIONS = (
    "clinic_evaluate",
    "clinic_checkpoint",
    "clinic_freeze",
    "clinic_average",
    "clinic_fold",
    "clinic_gan",
    "clinic_last_batch",
    "clinic_detached",
)
