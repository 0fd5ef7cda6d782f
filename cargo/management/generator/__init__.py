"""A made-up world of cargo with one consistent truth, and the messages it sends.

``world.build`` tells the stories (``casting`` who and what, ``ocean`` and ``air`` the carriers' side, ``clearance`` and
``exports`` customs' side, ``inland`` warehouse and truck, ``placing`` when, ``noise`` the model of how long and how
wrong), ``telling`` and ``beside`` make messages of them, ``feeds`` are their senders, ``truth`` is the answer to check
against and ``output`` writes all of it.

The same story is told in every standard that is read, a module each: ``dcsa_json``, ``dcsa3beta_json``,
``dcsa3_json``, ``edifact_iftsta``, ``x12_315`` (carriers at sea), ``edifact_terminal`` (CODECO and COARRI),
``cargo_imp_fsu``, ``cargo_xml_xfsu``, ``one_record_json`` (airlines), ``epcis_json`` (a warehouse), ``trucker_csv`` and
``forwarder_xlsx`` (tables, with what their columns mean), and the services of Korean customs: ``unipass_xml`` (001),
``unipass_exports_xml`` (002), ``unipass_warehouses_xml`` (005), ``unipass_containers_xml`` (020),
``unipass_arrivals_xml`` (021), ``unipass_voyages_xml`` (024). The seed decides which carrier speaks which.

Deterministic: the same number, seed, load and *now* give the same bytes. Numbers of bills and boxes depend on the
seed alone.
"""
