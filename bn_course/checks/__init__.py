"""The questions, a module a lesson: `QUESTIONS`, a tuple of Question, and `PREDICTIONS`, a dict by name."""
