"""Lesson 14: items that come back in review."""
