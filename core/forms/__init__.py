"""Forms: one pydantic model is what a screen draws, a prompt asks, a command takes as options, and core trusts."""

from core.field import Choice, Field, Raw, When
from core.forms.field_types import AnyOf, Check, FormError, Kind, LongText, OneOf, Secret, Text, YesNo, raw
from core.forms.form import Ask, FormModel, check, describe, differs_from, fill, same_as, typed
from core.forms.formats import Code, Date, DateTime, Email, Ip, LoginName, Mac, Number, Phone, Serial, Version

__all__ = [
    "AnyOf",
    "Ask",
    "Check",
    "Choice",
    "Code",
    "Date",
    "DateTime",
    "Email",
    "Field",
    "FormError",
    "FormModel",
    "Ip",
    "Kind",
    "LoginName",
    "LongText",
    "Mac",
    "Number",
    "OneOf",
    "Phone",
    "Raw",
    "Secret",
    "Serial",
    "Text",
    "Version",
    "When",
    "YesNo",
    "check",
    "describe",
    "differs_from",
    "fill",
    "raw",
    "same_as",
    "typed",
]
