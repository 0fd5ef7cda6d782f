"""Telephone numbers: their one spelling, who may be texted, and of which country and range they are."""

from __future__ import annotations

import phonenumbers
from django.conf import settings

# The last digits of a number that its range leaves open: what a carrier sells as one block of 10,000.
_OPEN_DIGITS = 4


class NumberError(ValueError):
    """Not a mobile number that may be texted from here."""


def normalize_number(text: str) -> str:
    """A number as people write it, in E.164. Bare ones are read as of ``SMS_REGION``. Raises ``NumberError``.

    Numbers of countries outside ``SMS_COUNTRIES``, and ones that can only be a landline or cost extra, are refused.
    """
    number = _parsed(text)
    if not _is_texted(number):
        raise NumberError("not a country that is texted from here")
    mobile = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if phonenumbers.number_type(number) not in mobile:
        raise NumberError("not a mobile number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def country_is_on(number: str) -> bool:
    """Whether an E.164 number is of a country that is texted from here, as the settings have it now."""
    try:
        return _is_texted(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def sender_number(text: str) -> str:
    """Who wrote to us, in E.164, wherever it is from. Raises ``NumberError``."""
    return phonenumbers.format_number(_parsed(text), phonenumbers.PhoneNumberFormat.E164)


def calling_code(number: str) -> str:
    """The country's calling code of an E.164 number, without the plus: ``82``; "" for what is none."""
    try:
        return str(phonenumbers.parse(number).country_code)
    except phonenumbers.NumberParseException:
        return ""


def number_range(number: str) -> str:
    """The block of 10,000 numbers that an E.164 number lies in: what a pumping script walks through."""
    return number[:-_OPEN_DIGITS]


def national(number: str) -> tuple[str, str]:
    """Calling code and the number as it is dialled within its country, digits only: ``82``, ``01012345678``."""
    parsed = phonenumbers.parse(number)
    dialled = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return str(parsed.country_code), "".join(filter(str.isdigit, dialled))


def _is_texted(number: phonenumbers.PhoneNumber) -> bool:
    return phonenumbers.region_code_for_number(number) in settings.SMS_COUNTRIES


def _parsed(text: str) -> phonenumbers.PhoneNumber:
    try:
        number = phonenumbers.parse(text, settings.SMS_REGION)
    except phonenumbers.NumberParseException as error:
        raise NumberError("not a telephone number") from error
    if not phonenumbers.is_valid_number(number):
        raise NumberError("not a telephone number")
    return number
