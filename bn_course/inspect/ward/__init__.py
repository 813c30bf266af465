"""Healthy models and planted faults on which the kit is judged: it was not built for them. (lesson 14)

`healthy.HEALTHY` and `faults.FAULTS` map names to what makes a case from a seed. A third of both,
`held_out.HELD_OUT`, was drawn before the findings were written and is not looked at while they are tuned.
"""
