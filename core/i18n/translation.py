"""Every word a person reads: gettext over ``data/locale``, with the language decided as late as possible.

The language is asked for at each call, in this order: :func:`speaking` (a letter, a command), then whatever an
interface registered with :func:`follow` (the application that is drawing), then the environment. Nothing is kept
at import, so two readers with two languages can share a process. Importing this costs gettext alone (5 ms).
"""

from __future__ import annotations

import gettext as _gettext
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from core import resources

LANGUAGES = ("en", "pl")
DOMAIN = "okienko"

_spoken: ContextVar[str | None] = ContextVar("okienko_language", default=None)
_followed: Callable[[], str | None] | None = None
_desks: Callable[[], str] | None = None


def follow(provider: Callable[[], str | None]) -> None:
    """Ask ``provider`` for the language wherever :func:`speaking` does not say it (an interface calls this once)."""
    global _followed
    _followed = provider


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything inside is said in ``language``, in this thread or task only."""
    token = _spoken.set(language if language in LANGUAGES else "en")
    try:
        yield
    finally:
        _spoken.reset(token)


@lru_cache(maxsize=1)
def from_environment() -> str:
    """``pl`` or ``en``: as the first of OKIENKO_LANGUAGE, LC_ALL, LC_MESSAGES, LANG, LANGUAGE that is set says, or else
    the desk. ``C`` and a language that we don't have say nothing."""
    values = (os.environ.get(name, "") for name in ("OKIENKO_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"))
    named = re.split(r"[_.@:-]", next((value for value in values if value), "").lower())[0]
    if named in LANGUAGES:
        return named
    theirs = _desks() if _desks is not None else ""
    return theirs if theirs in LANGUAGES else "en"


def ask_desk(its_language: Callable[[], str]) -> None:
    """Who says what language the desk's settings name, for when the environment names none."""
    global _desks
    _desks = its_language
    from_environment.cache_clear()


def language() -> str:
    """The language of whoever is being spoken to now: ``en`` or ``pl``."""
    spoken = _spoken.get()
    if spoken:
        return spoken
    if _followed is not None:
        followed = _followed()
        if followed:
            return followed
    return from_environment()


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(code: str) -> _gettext.NullTranslations:
    if code == "en":
        return _gettext.NullTranslations()
    folder = resources.folder("locale") / code / "LC_MESSAGES"
    compiled = folder / f"{DOMAIN}.mo"
    source = folder / f"{DOMAIN}.po"
    fresh = compiled.is_file() and (not source.is_file() or compiled.stat().st_mtime >= source.stat().st_mtime)
    if fresh:
        with compiled.open("rb") as file:
            return _gettext.GNUTranslations(file)
    if source.is_file():
        return _from_source(source.read_bytes())
    return _gettext.NullTranslations()


def _from_source(text: bytes) -> _gettext.NullTranslations:
    """A checkout whose ``.mo`` is missing or older than its ``.po`` still speaks (49 ms, only then)."""
    import io

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(text)))
    compiled.seek(0)
    return _gettext.GNUTranslations(compiled)


def gettext(msgid: str) -> str:
    """``msgid`` in the current language; an empty msgid stays empty, and one that has a plural is said of one thing.

    Python finds those with a plural since 3.11.3 only; before, it gives the English back.
    """
    if not msgid:
        return ""
    catalogue = _catalogue(language())
    translated = catalogue.gettext(msgid)
    return translated if translated != msgid else catalogue.ngettext(msgid, msgid, 1)


def ngettext(single: str, many: str, count: int) -> str:
    """The form for ``count``: two in English, three in Polish. Fill ``{n}`` yourself."""
    return _catalogue(language()).ngettext(single, many, count)


def N_(msgid: str) -> str:
    """Marks a text for extraction where it stands and leaves it as it is; it is translated when shown."""
    return msgid


_ = gettext
