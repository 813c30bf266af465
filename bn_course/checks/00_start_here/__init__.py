"""Lesson 00: one question, deliberately tiny."""

QUESTIONS = ("double",)
