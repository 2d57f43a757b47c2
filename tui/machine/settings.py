"""What is wrong with the settings: each by its name, where it was set, and a sentence. Never its value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.errors import DeskError
from core.i18n.translation import N_, _
from tui.machine.origins import origin_of

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from core.service.settings import Settings

_SENTENCES = {
    "int": N_("a whole number is wanted"),
    "float": N_("a number is wanted"),
    "bool": N_("true or false is wanted"),
    "string_too_long": N_("at most {max_length} characters"),
    "string": N_("a text is wanted"),
    "path": N_("a path is wanted"),
    "less_than_equal": N_("at most {le}"),
    "greater_than_equal": N_("at least {ge}"),
    "greater_than": N_("more than {gt}"),
    "literal": N_("one of {expected}"),
    "extra": N_("there is no such setting"),
    "missing": N_("it has to be given"),
    "model": N_("a section is wanted, not a single value"),
    "place": N_("an address and a port are wanted, such as 0.0.0.0:22"),
    "site": N_("the address of a whole site is wanted, such as https://support.example.com"),
    "network": N_("addresses or networks are wanted, such as 192.0.2.7 or 10.0.0.0/8"),
    "zone": N_("{name} is no time zone; one is Europe/Warsaw"),
    "tuple": N_("a list is wanted, such as {example}"),
}
"""By the first words of pydantic's type of an error; the longest that fits counts."""
_LIST = '["…", "…"]'


def load() -> Settings:
    """The settings in force; a :class:`DeskError` says what is wrong with them."""
    from pydantic import ValidationError
    from pydantic_settings.exceptions import SettingsError

    from core import paths  # deferred: start-up, a command loads what it runs
    from core.service.settings import Settings

    try:
        return Settings.load()
    except ValidationError as error:
        raise DeskError(N_("These settings can't be used: {slips}"), slips="; ".join(_slips(error))) from error
    except SettingsError as error:
        named = re.search(r'"(\w+)"', str(error))
        name = f"OKIENKO_{named[1].upper()}" if named else "OKIENKO_…"
        raise DeskError(N_("{name} in the environment is a whole section and has to be JSON."), name=name) from error
    except (OSError, ValueError) as error:
        raise DeskError(
            N_("The settings can't be read ({file}): {reason}"), file=str(paths.settings_file()), reason=_why(error)
        ) from error


def _why(error: Exception) -> str:
    """An error of the system is in the reader's language as far as the system is; TOML's has only its place."""
    line = re.search(r"at line (\d+)", str(error))
    if line:
        return _("line {n} is not TOML").format(n=line[1])
    return (error.strerror or "?") if isinstance(error, OSError) else _("it is not a TOML file in UTF-8")


def _slips(error: ValidationError) -> list[str]:
    """One setting each: ``mail.port (environment): a whole number is wanted``."""
    slips = []
    for slip in error.errors(include_url=False, include_input=False):
        path = tuple(str(part) for part in slip["loc"])
        # Tables of a list are counted as people do.
        parts = (str(part + 1) if isinstance(part, int) else part for part in slip["loc"])
        slips.append(f"{'.'.join(parts)} ({_(origin_of(path))}): {_sentence(slip)}")
    return slips


def _sentence(slip: ErrorDetails) -> str:
    kind: str = slip["type"]
    fitting = [name for name in _SENTENCES if kind == name or kind.startswith(f"{name}_")]
    if not fitting:
        return slip["msg"]
    context: Mapping[str, Any] = slip.get("ctx", {})
    values = {name: _listed(value) if name == "expected" else value for name, value in context.items()}
    return _(_SENTENCES[max(fitting, key=len)]).format(example=_LIST, **values)


def _listed(expected: str) -> str:
    """pydantic's ``'a', 'b' or 'c'`` without its English."""
    return ", ".join(re.findall(r"'([^']*)'", expected))
