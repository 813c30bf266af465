"""Lesson 10: items that come back in review."""
