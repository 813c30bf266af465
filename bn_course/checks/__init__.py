"""The questions, a package a lesson: `NN_name/QUESTION.py` has one `QUESTION`, `predictions.py` the outcomes of the predictions.

A lesson's `__init__.py` lists its questions in order. Files that begin with an underscore hold what several share."""
