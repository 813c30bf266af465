"""Lesson 09: items that come back in review."""
