"""Lesson 12: items that come back in review."""
