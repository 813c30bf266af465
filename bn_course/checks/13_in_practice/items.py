"""Lesson 13: items that come back in review."""
