"""A room of learners, live: what everybody thinks, and who is stuck on what.

The learner's side is `client.py` and what it uses, with the standard library alone; `server.py` and what it
uses is the server, which `bn-course room` starts (extra `teach`).
"""
