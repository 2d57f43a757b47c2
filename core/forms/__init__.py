"""Forms: one pydantic model is what a screen draws, a prompt asks, a command takes as options, and core trusts."""

from core.field import Choice, Field, Raw, When
from core.forms.field_types import AnyOf, Check, FieldKind, FormError, LongText, OneOf, Secret, Text, YesNo, raw
from core.forms.form import FormModel, Label, check, describe, differs_from, fill, same_as, typed
from core.forms.formats import Date, DateTime, Email, Ip, LoginName, Mac, Number, Phone, PrintedCode, Serial, Version

__all__ = [
    "AnyOf",
    "Check",
    "Choice",
    "Date",
    "DateTime",
    "Email",
    "Field",
    "FieldKind",
    "FormError",
    "FormModel",
    "Ip",
    "Label",
    "LoginName",
    "LongText",
    "Mac",
    "Number",
    "OneOf",
    "Phone",
    "PrintedCode",
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
