"""A made-up world of cargo with one consistent truth, and the messages it sends.

``world.build`` tells the stories (``casting`` who and what, ``ocean`` the carrier's side, ``clearance`` customs' side,
``placing`` when, ``noise`` the model of how long and how wrong), ``telling`` makes messages of them in the dialects
``dcsa_json`` and ``unipass_xml``, ``truth`` is the answer to check against and ``output`` writes all of it.

Deterministic: the same number, seed, load and *now* give the same bytes. Numbers of bills and boxes depend on the
seed alone.
"""
