"""The grader that names the mistake.

One step a module:

    question    what a question is made of
    run         run an answer on a probe, bring back plain values
    compare     are two values the same?
    diagnose    which mistake makes exactly these values?
    judge       all of it together, into a report
    report      what a learner reads
    catalogue   the questions there are
    progress    what a learner has done
"""
