"""When the stages to come will end: quantiles learned from stages that ended, and the judge of their skill.

``history`` says what is known of a stage, ``clock`` counts office hours, ``backoff`` keeps the distributions,
``stages`` and ``arrivals`` forecast one stage and one arrival, ``chain`` adds stages up to a release or gate-out,
``scoring`` scores. ``synthetic``, ``baselines`` and ``judge`` compare it with simpler forecasts on a made-up history.

Real cargo (``cargo``): ``learned`` is what its forecasts rest on, ``comparable`` says whose history may, ``ways`` which
stages are to come, and ``under_way`` tells, with ``rivals`` and ``reasons`` beside it.
"""
