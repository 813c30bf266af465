"""Healthy models and planted faults on which the kit is judged: it was not built for them. (lesson 14)

`roster.HEALTHY` and `register.FAULTS` map names to what makes a case from the random numbers as they are;
`cases` inspects one. A third of both, `held_out`, was drawn before the findings were written and was not
looked at while they were tuned.
"""
