"""A made-up world of cargo with one consistent truth, and the messages it sends.

``world.build`` tells the stories (``casting`` who and what, ``ocean`` and ``air`` the carriers' side, ``clearance``
customs' side, ``placing`` when, ``noise`` the model of how long and how wrong), ``telling`` makes messages of them,
``truth`` is the answer to check against and ``output`` writes all of it.

The same story is told in several standards, a module each: ``dcsa_json`` and ``dcsa3_json``, ``edifact_iftsta``,
``x12_315`` (carriers at sea), ``edifact_terminal`` (CODECO and COARRI), ``cargo_imp_fsu`` (airlines), ``unipass_xml``
and ``unipass_containers_xml`` (customs). The seed decides which carrier speaks which.

Deterministic: the same number, seed, load and *now* give the same bytes. Numbers of bills and boxes depend on the
seed alone.
"""
