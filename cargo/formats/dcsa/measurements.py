"""What a refrigerated container measured, in small form: kept beside the event, never part of its identity.

Sources: ``reeferDetails`` of Track & Trace 3.0 (January and May 2026); ``measurements`` and ``setpoints`` of the
Reefer event of 3.0.0-Beta-1.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec

_PROBES = 4


class Parameters(msgspec.Struct, gc=False):
    """``setpointParameters`` and ``measuredParameters``: shares in percent."""

    o2Percentage: Any = None
    co2Percentage: Any = None
    humidityPercentage: Any = None
    airExchangeValue: Any = None
    airExchangeUnit: Any = None


class Probe(msgspec.Struct, gc=False):
    """One of ``temperatureProbeMeasurements``."""

    measuredTemperatureValue: Any = None


class AirTemperature(msgspec.Struct, gc=False):
    """``supplyAirTemperatureMeasurement`` and ``returnAirTemperatureMeasurement``."""

    temperatureValue: Any = None


class ReeferDetails(msgspec.Struct, gc=False):
    """``reeferDetails``; temperatures in ``temperatureUnit``."""

    powerStatus: Any = None
    temperatureUnit: Any = None
    internalSetpointTemperature: Any = None
    ambientMeasuredTemperature: Any = None
    temperatureProbeMeasurements: list[Probe] | None = None
    supplyAirTemperatureMeasurement: AirTemperature | None = None
    returnAirTemperatureMeasurement: AirTemperature | None = None
    setpointParameters: Parameters | None = None
    measuredParameters: Parameters | None = None
    numberOfActiveAlarms: Any = None


def measured(details: ReeferDetails) -> dict[str, Any]:
    """The values that were said: temperatures, power, alarms, and the air's shares as set and as measured."""
    supply, back = details.supplyAirTemperatureMeasurement, details.returnAirTemperatureMeasurement
    probes = [
        number(probe.measuredTemperatureValue) for probe in (details.temperatureProbeMeasurements or ())[:_PROBES]
    ]
    found: dict[str, Any] = {
        "unit": word(details.temperatureUnit),
        "setpoint": number(details.internalSetpointTemperature),
        "ambient": number(details.ambientMeasuredTemperature),
        "supply_air": number(supply.temperatureValue) if supply is not None else None,
        "return_air": number(back.temperatureValue) if back is not None else None,
        "probes": [value for value in probes if value is not None] or None,
        "power": word(details.powerStatus),
        "active_alarms": number(details.numberOfActiveAlarms),
        "set": _shares(details.setpointParameters),
        "measured": _shares(details.measuredParameters),
    }
    return said(found)


def _shares(given: Parameters | None) -> dict[str, Any] | None:
    if given is None:
        return None
    shares: dict[str, Any] = {
        "o2": number(given.o2Percentage),
        "co2": number(given.co2Percentage),
        "humidity": number(given.humidityPercentage),
        "air_exchange": number(given.airExchangeValue),
        "air_exchange_unit": word(given.airExchangeUnit),
    }
    return said(shares) or None


def said(values: dict[str, Any]) -> dict[str, Any]:
    """Without what was not said."""
    return {name: value for name, value in values.items() if value is not None}


def number(value: Any) -> float | int | None:
    """A finite number that is none of JSON's other things, or ``None``."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def word(value: Any) -> str | None:
    """A short word, or ``None``."""
    return value[:20] if isinstance(value, str) and value else None
