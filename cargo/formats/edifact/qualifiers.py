"""What the qualifiers of segments mean: dates, places, references, means of transport, agencies.

Source: UN/EDIFACT directories D.95B to D.21B, code lists 1153 (references), 2005 (dates), 2379 (date formats), 3055
(agencies), 3227 (places), 8051 and 8067 (transport), 8169 and 8249 (equipment); SMDG user manuals for CODECO and
COARRI (DTM 203, LOC 165). A qualifier that is not in a table says nothing to CLIS and is passed over.
"""

from __future__ import annotations

from datetime import timedelta, timezone

ACTUAL, ESTIMATED, PLANNED = "actual", "estimated", "planned"
ARRIVAL, DEPARTURE, OTHER = "arrival", "departure", ""

# DTM 2005 -> how sure it is, and whether a means of transport arrives or leaves.
TIMES = {
    "132": (ESTIMATED, ARRIVAL),
    "178": (ACTUAL, ARRIVAL),
    "232": (PLANNED, ARRIVAL),
    "252": (ACTUAL, ARRIVAL),
    "133": (ESTIMATED, DEPARTURE),
    "136": (ACTUAL, DEPARTURE),
    "186": (ACTUAL, DEPARTURE),
    "189": (PLANNED, DEPARTURE),
    "757": (ACTUAL, DEPARTURE),
    "1": (ACTUAL, OTHER),
    "7": (ACTUAL, OTHER),
    "9": (ACTUAL, OTHER),
    "35": (ACTUAL, OTHER),
    "50": (ACTUAL, OTHER),
    "58": (ACTUAL, OTHER),
    "78": (ACTUAL, OTHER),
    "96": (ACTUAL, OTHER),
    "118": (ACTUAL, OTHER),
    "143": (ACTUAL, OTHER),
    "145": (ACTUAL, OTHER),
    "148": (ACTUAL, OTHER),
    "190": (ACTUAL, OTHER),
    "200": (ACTUAL, OTHER),
    "201": (ACTUAL, OTHER),
    "203": (ACTUAL, OTHER),
    "204": (ACTUAL, OTHER),
    "219": (ACTUAL, OTHER),
    "310": (ACTUAL, OTHER),
    "334": (ACTUAL, OTHER),
    "342": (ACTUAL, OTHER),
    "403": (ACTUAL, OTHER),
    "404": (ACTUAL, OTHER),
    "405": (ACTUAL, OTHER),
    "420": (ACTUAL, OTHER),
    "539": (ACTUAL, OTHER),
    "17": (ESTIMATED, OTHER),
    "191": (ESTIMATED, OTHER),
    "369": (ESTIMATED, OTHER),
    "395": (ESTIMATED, OTHER),
    "67": (PLANNED, OTHER),
    "76": (PLANNED, OTHER),
    "298": (PLANNED, OTHER),
    "393": (PLANNED, OTHER),
    "398": (PLANNED, OTHER),
}
TIME_NAMES = {
    "132": "Arrival, estimated",
    "178": "Arrival, actual",
    "232": "Arrival, scheduled",
    "252": "Arrival at initial port",
    "133": "Departure, estimated",
    "136": "Departure, actual",
    "186": "Departure, actual",
    "189": "Departure, scheduled",
    "757": "Departure from place of loading",
}
DOCUMENT_TIME = "137"
# Which time is that of the status, where several are given; 334 (status change) and 78 (event) first.
STATUS_TIMES = ("334", "78", "203", "7", "204", "58", "145", "539", "1", "9")

# 1153 -> reference type; the parcel's number (CW) stands for a bill where there is none.
REFERENCES = {
    "BM": "master_bill",
    "MB": "master_bill",
    "AAM": "master_bill",
    "AAS": "master_bill",
    "AEX": "master_bill",
    "AFA": "master_bill",
    "BH": "house_bill",
    "HWB": "house_bill",
    "ABH": "house_bill",
    "AWB": "air_waybill",
    "MWB": "air_waybill",
    "AEY": "air_waybill",
    "BN": "booking",
    "AXE": "booking",
    "EQ": "container",
    "AAQ": "container",
    "SN": "seal",
    "ON": "purchase_order",
    "OP": "purchase_order",
    "CO": "purchase_order",
    "ABT": "declaration",
    "AAE": "declaration",
    "AEI": "declaration",
    "AVX": "declaration",
    "ED": "declaration",
    "MRN": "declaration",
    "AFB": "manifest",
    "MA": "manifest",
    "XC": "cargo_control_number",
}
REFERENCES |= dict.fromkeys(
    [
        "4F",
        "AAJ",
        "AAK",
        "AAO",
        "AAU",
        "ABE",
        "ABO",
        "ABQ",
        "ABR",
        "ABS",
        "ACA",
        "ACD",
        "AEA",
        "AEL",
        "AES",
        "AEV",
        "AFM",
        "AGE",
        "AKC",
        "ANT",
        "ATX",
        "ATY",
        "AVL",
        "AVU",
        "AVZ",
        "CMR",
        "CN",
        "CR",
        "CU",
        "CV",
        "CW",
        "FF",
        "IV",
        "RCN",
        "RE",
        "REN",
        "RF",
        "SI",
        "SRN",
        "SS",
        "TB",
        "TCR",
        "TIN",
        "UC",
        "UCN",
        "VN",
        "WY",
        "ZZZ",
    ],
    "own_reference",
)
PARCEL = "CW"
CARRIER_CODE = "AAZ"

# Where the status took place, best first; then by what it is.
ACTIVITY = ("175", "300", "14", "165", "172")
LOADING, DISCHARGE = ("9", "76", "5", "82"), ("11", "12", "65", "170", "60", "8", "62")
DELIVERY, RECEIPT = ("7", "83", "20", "8"), ("88", "10", "84", "5")
ROLES = {
    "9": "loading",
    "76": "loading",
    "11": "discharge",
    "12": "discharge",
    "65": "discharge",
    "170": "discharge",
    "13": "transshipment",
    "169": "transshipment",
    "7": "delivery",
    "83": "delivery",
    "20": "delivery",
    "88": "receipt",
    "10": "receipt",
    "84": "receipt",
}
# What an arrival or a departure at a place means: milestone on the main carriage, and on an inland leg.
CALLS = {
    ("5", DEPARTURE): ("departed", "inland_departed"),
    ("9", DEPARTURE): ("departed", "inland_departed"),
    ("76", DEPARTURE): ("departed", "inland_departed"),
    ("8", ARRIVAL): ("arrived", "inland_arrived"),
    ("11", ARRIVAL): ("arrived", "inland_arrived"),
    ("12", ARRIVAL): ("arrived", "inland_arrived"),
    ("60", ARRIVAL): ("arrived", "inland_arrived"),
    ("65", ARRIVAL): ("arrived", "inland_arrived"),
    ("170", ARRIVAL): ("arrived", "inland_arrived"),
    ("13", ARRIVAL): ("transshipment_arrived", "inland_arrived"),
    ("13", DEPARTURE): ("transshipment_departed", "inland_departed"),
    ("169", ARRIVAL): ("transshipment_arrived", "inland_arrived"),
    ("169", DEPARTURE): ("transshipment_departed", "inland_departed"),
    ("29", ARRIVAL): ("inland_arrived", "inland_arrived"),
    ("29", DEPARTURE): ("inland_departed", "inland_departed"),
    ("7", ARRIVAL): ("inland_arrived", "inland_arrived"),
    ("83", ARRIVAL): ("inland_arrived", "inland_arrived"),
    ("20", ARRIVAL): ("inland_arrived", "inland_arrived"),
    ("88", DEPARTURE): ("inland_departed", "inland_departed"),
    ("10", DEPARTURE): ("inland_departed", "inland_departed"),
    ("11", DEPARTURE): ("", "inland_departed"),
}

# 8067 mode of transport (UN/ECE Recommendation 19), and 8179 means of transport where no mode is given.
MODES = {"1": "vessel", "2": "rail", "3": "truck", "4": "air", "8": "barge"}
MEANS = {"6": "air", "8": "barge", "11": "vessel", "12": "vessel", "13": "vessel", "25": "rail", "31": "truck"}
INLAND = frozenset({"rail", "truck", "barge"})
MAIN_STAGES = frozenset({"20", "21", "22", "23", "15", "16", "17"})
IMO_LISTS, CALL_SIGN = frozenset({"146"}), "103"
LLOYDS = "11"

# 8169 full or empty; 8249 says it too since D.20.
LADEN = {"4": False, "E": False, "31": False, "32": True, "F": True, "L": True} | dict.fromkeys(
    ("5", "6", "7", "8", "9", "10", "11", "12", "13"), True
)
CONTAINERS = frozenset({"CN", "SW", "AM", "AJ"})

UN_LISTS, UN_AGENCY, IATA_AGENCY = frozenset({"139", "16", "140"}), "6", "3"
COUNTRY_LISTS = frozenset({"162", "163"})
# Agencies whose codes mean what the sender or his group says they mean.
OWN_AGENCIES = frozenset({"20", "21", "86", "87", "88", "91", "92", "184", "306", "ZZZ"})
X12_AGENCY = "22"
# 3055 of a customs administration -> the authority.
CUSTOMS = {
    "93": "AT-BMF",
    "95": "AU-ABF",
    "96": "CA-CBSA",
    "98": "CH-BAZG",
    "105": "DK-TOLD",
    "106": "FR-DGDDI",
    "109": "GB-HMRC",
    "110": "IE-REVENUE",
    "111": "US-CBP",
    "143": "NZ-NZCS",
    "144": "NL-DOUANE",
    "145": "SE-TULLVERKET",
    "146": "DE-ZOLL",
    "147": "BE-CUSTOMS",
    "148": "ES-AEAT",
    "149": "IL-CUSTOMS",
    "150": "HK-CED",
    "151": "JP-CUSTOMS",
    "152": "SA-ZATCA",
    "153": "IT-ADM",
    "157": "NO-TOLL",
    "158": "FI-TULLI",
    "336": "US-CBP",
    "380": "KR-KCS",
    "408": "BR-RFB",
    "412": "IN-CBIC",
}

# Zones that DTM formats 301 to 304 name; CST, IST and others that name several zones are left out.
ZONES = {
    name: timezone(timedelta(minutes=minutes))
    for name, minutes in {
        "UTC": 0,
        "GMT": 0,
        "WET": 0,
        "BST": 60,
        "CET": 60,
        "MEZ": 60,
        "CES": 120,
        "EET": 120,
        "MSK": 180,
        "GST": 240,
        "ICT": 420,
        "HKT": 480,
        "SGT": 480,
        "KST": 540,
        "JST": 540,
        "EST": -300,
        "EDT": -240,
        "CDT": -300,
        "MST": -420,
        "MDT": -360,
        "PST": -480,
        "PDT": -420,
    }.items()
}

# BGM 1225: messages that take back an earlier one, and what to call that.
CANCELLATIONS = {"1": "cancellation", "3": "deletion", "17": "cancellation", "40": "deletion"}
CARRIER_ROLES = frozenset({"CA", "CF"})
