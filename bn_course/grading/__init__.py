"""The grader that names the mistake.

One step a module:

    question    what a question is made of
    run         run an answer on a probe, bring back plain values
    compare     are two values the same?
    diagnose    which mistake makes exactly these values?
    relations   how is what came related to what was expected?
    repair      which one place of the source, changed, passes?
    explain     what of these is certain
    judge       all of it together, into a report
    report      what a learner reads
    words       what a learner reads of a question
    catalogue   the questions there are
    progress    what a learner has done
"""
