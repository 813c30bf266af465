"""Lesson 11: items that come back in review."""
