"""What makes a thousand tests of the interface bearable, and leaves what they test as it is.

Textual's pilot sleeps after every key until the process has been quiet for a fiftieth of a second, several times over;
here the same rest is found by looking at what could end it. Every application reads the same styles; here they are read
once, and what follows from them is worked out once. And the collector is spared what stays till the end.
"""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from asyncio import AbstractEventLoop, Future
from asyncio.base_events import BaseEventLoop
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest
from textual.app import App, ScreenStackError
from textual.dom import DOMNode
from textual.geometry import Size
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.strip import Strip

WINDOW = 0.02
"""Seconds of quiet in which a timer or a thread may come up with something, as in Textual's own wait."""
LONGEST = 1.0
"""Seconds of work after which a loop that never rests is left alone. Textual's own wait counts those that pass: on a
machine that stands still meanwhile it goes on before anything has been done."""
PATIENCE = 20.0
"""Seconds after which even one that hardly works is."""
FRAME = 0.004
"""Seconds between two frames: a screen that changes is drawn at the next one, and a reader's sixtieth of a second is
longer than most keys take."""
LOOK = 0.002
"""Seconds between two looks at a thread that works."""

_freeze = gc.freeze
_threads: weakref.WeakKeyDictionary[AbstractEventLoop, set[Future[Any]]] = weakref.WeakKeyDictionary()
"""What each loop has in threads."""
_leaving: weakref.WeakSet[AbstractEventLoop] = weakref.WeakSet()
"""Loops whose application was told to exit: it goes on redrawing until it is taken down, so there is no rest for it."""


async def rest(min_sleep: float = 0.0, max_sleep: float = LONGEST) -> None:
    """Wait until nothing is left to do: no callback, and no timer that rings and no thread that ends within
    :data:`WINDOW` of the last thing done. ``min_sleep`` is how long to wait at least (Textual's signature)."""
    loop: Any = asyncio.get_running_loop()
    begun = last = loop.time()
    worked = time.process_time()
    before: set[Future[Any]] = set()
    while loop not in _leaving:
        await asyncio.sleep(0)
        now = loop.time()
        if now >= begun + PATIENCE or (now >= begun + max_sleep and time.process_time() >= worked + max_sleep):
            return
        threads = set(_threads.get(loop, ()))
        if loop._ready or threads != before:
            last, before = now, threads
            continue
        until = max(last + WINDOW, begun + min_sleep)
        if now >= until:
            return
        rings = min((timer._when for timer in loop._scheduled if not timer._cancelled), default=until + 1)
        if threads:
            await asyncio.sleep(LOOK)
        elif rings <= until:
            await asyncio.sleep(max(rings - now, 0))
            last = loop.time()
        elif begun + min_sleep > now:
            await asyncio.sleep(begun + min_sleep - now)
        else:
            return


def wait_without_sleeping() -> None:
    """Let the pilot and the keys it presses wait by :func:`rest`, in this process, from now on."""
    import textual.app
    import textual.pilot
    import textual.screen

    textual.app.wait_for_idle = textual.pilot.wait_for_idle = rest  # type: ignore[attr-defined]
    textual.screen.UPDATE_PERIOD = FRAME  # type: ignore[misc]
    original: Callable[..., Future[Any]] = BaseEventLoop.run_in_executor

    def run_in_executor(loop: BaseEventLoop, *args: Any) -> Future[Any]:
        under_way = original(loop, *args)
        known = _threads.setdefault(loop, set())
        known.add(under_way)
        under_way.add_done_callback(known.discard)
        return under_way

    BaseEventLoop.run_in_executor = run_in_executor  # type: ignore[method-assign,assignment]
    _ask_only_those_at_work()
    leave: Callable[..., None] = App.exit
    begin: Callable[..., Any] = App.run_test

    def exit_(app: App[Any], *args: Any, **kwargs: Any) -> None:
        leave(app, *args, **kwargs)
        _leaving.add(asyncio.get_running_loop())

    def run_test(app: App[Any], **options: Any) -> Any:
        _leaving.discard(asyncio.get_running_loop())
        return begin(app, **options)

    App.exit, App.run_test = exit_, run_test  # type: ignore[method-assign]


def _ask_only_those_at_work() -> None:
    """Before it waits, the pilot sends every widget of the screen a message and waits for the answers: half of all the
    messages of a test. A widget that waits at an empty queue would answer at once, so only the others are asked."""
    ask: Callable[..., Any] = Pilot._wait_for_screen

    async def wait_for_screen(pilot: Pilot[Any], timeout: float = 30.0) -> bool:  # noqa: ASYNC109 - Textual's signature
        app = pilot.app
        try:
            pumps = [app, *app.screen.walk_children(with_self=True)]
        except ScreenStackError:
            return False
        if all(_waits_for_message(pump) for pump in pumps):
            return True
        answered: bool = await ask(pilot, timeout)
        return answered

    Pilot._wait_for_screen = wait_for_screen  # type: ignore[method-assign]


def _waits_for_message(pump: MessagePump) -> bool:
    ready: Any = pump._message_queue.ready_event
    return bool(ready._waiters) and not ready.is_set()


def work_out_once() -> None:
    """What Textual works out again for every message and every widget is the same each time: which classes handle a
    message at all, what a rule of a style sheet says, how many parameters a function has. And most rules can be seen
    not to be about a widget by a look at that widget alone. A quarter of what a room costs.
    """
    import textual._callback
    import textual.css.match
    import textual.css.stylesheet
    from textual.css.model import CombinatorType, RuleSet, Selector
    from textual.css.styles import Styles
    from textual.message import Message
    from textual.message_pump import MessagePump

    RuleSet.__hash__ = object.__hash__  # type: ignore[method-assign]  # by identity as it is, without a call

    handlers = MessagePump._get_dispatch_methods
    decorated: dict[tuple[type, type], bool] = {}

    def get_dispatch_methods(pump: MessagePump, method_name: str, message: Message) -> Any:
        kind = pump.__class__
        if hasattr(kind, method_name) or hasattr(kind, f"_{method_name}"):  # asked each time: a test may give it one
            return handlers(pump, method_name, message)
        key = (kind, message.__class__)
        if key not in decorated:
            messages = message.__class__.__mro__
            taken = [each.__dict__.get("_decorated_handlers") or () for each in kind.__mro__]
            decorated[key] = any(each in of for of in taken for each in messages)
        return handlers(pump, method_name, message) if decorated[key] else ()

    MessagePump._get_dispatch_methods = get_dispatch_methods  # type: ignore[method-assign]

    follow: Callable[..., bool] = textual.css.match._check_selectors

    def check_selectors(selectors: list[Selector], path: list[DOMNode]) -> bool:
        """From the widget upwards, not from the application down to it: most end where they begin."""
        last = selectors[-1]
        if not last.check(path[-1]):
            return False
        alone = len(selectors) == 1 and last.combinator == CombinatorType.DESCENDENT
        return alone or follow(selectors, path)

    textual.css.match._check_selectors = check_selectors  # type: ignore[assignment]
    textual.css.stylesheet._check_selectors = check_selectors  # type: ignore[assignment]

    extract = Styles.extract_rules
    said: dict[tuple[Any, ...], tuple[Styles, int, list[Any]]] = {}

    def extract_rules(styles: Styles, *more: Any) -> list[Any]:
        key = (id(styles), *more)
        known = said.get(key)
        if known is None or known[0] is not styles or known[1] != styles._updates:
            known = said[key] = (styles, styles._updates, extract(styles, *more))
        return known[2]

    Styles.extract_rules = extract_rules  # type: ignore[method-assign,assignment]

    count = textual._callback._count_parameters
    counted: dict[Any, int] = {}

    def count_parameters(called: Callable[..., Any]) -> int:
        code = getattr(called, "__code__", None)
        if code is None or hasattr(called, "__wrapped__") or hasattr(called, "__signature__"):
            return count(called)
        if code not in counted:
            counted[code] = count(called)
        return counted[code]

    textual._callback._count_parameters = count_parameters


class _OneForAll:
    """An engine's memory of what it has written out, shared by all whose dialects were made alike."""

    def __init__(self) -> None:
        from sqlalchemy.util import LRUCache

        self._kept: Any = LRUCache(5000)

    def get(self, key: tuple[Any, ...]) -> Any:
        return self._kept.get(self._shared(key))

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        self._kept[self._shared(key)] = compiled

    def clear(self) -> None:
        self._kept.clear()

    def _shared(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        dialect, *asked = key
        return *(getattr(dialect, trait, None) for trait in _TRAITS), *asked


_TRAITS = (
    "name",
    "driver",
    "server_version_info",
    "paramstyle",
    "native_datetime",
    "_backslash_escapes",
    "_json_serializer",
    "_json_deserializer",
)
"""In what two dialects may differ that are told to write the same statement."""


def write_statements_once() -> None:
    """Write out a statement once for each kind of database, not for each desk that is opened: SQLAlchemy keeps what it
    has written by engine, and a test's desk is seldom asked the same twice."""
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
    from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

    kept = _OneForAll()

    def engine_created(engine: Any) -> None:
        engine._compiled_cache = kept

    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.engine_created = staticmethod(engine_created)  # type: ignore[method-assign,assignment]


def trust_the_disk() -> None:
    """Commit without waiting until the disk has it: nobody pulls the plug in a test, and PostgreSQL's server doesn't
    wait here either. A process that is killed has handed over what it committed all the same. What the desk's own
    connections are set to is held by tests/core/db/test_engine.py."""
    from core.db import engine

    prepare: Callable[[Any, Any], None] = engine._prepare

    @wraps(prepare)
    def prepare_quickly(connection: Any, record: Any) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA synchronous=OFF")

    engine._prepare = prepare_quickly


def spare_collector() -> None:
    """What is imported by now is never garbage; what the tests leave behind is looked for less often than by default
    (tests/conftest.py; it was a tenth of all the time). The application's own ``gc.freeze`` would keep each test's
    garbage for good."""
    gc.collect()
    _freeze()
    gc.freeze = lambda: None


def leave_nothing_to_collect() -> None:
    """After the last test: pytest collects five times over, to hear of what nobody closed. Once is enough for that."""
    gc.collect()
    _freeze()


@contextmanager
def only_what_is_looked_at() -> Iterator[None]:
    """Paint no frame but those that are asked for: a picture, the text of the screen. For tests whose subject is where
    one comes to. How one gets there is painted where the program runs on a real terminal (there is a demo on
    one, too) and in the tests of widgets."""
    from textual._compositor import Compositor
    from textual._context import visible_screen_stack

    update, strips = Compositor.render_update, Compositor.render_strips

    def render_update(self: Compositor, full: bool = False, *args: Any, **kwargs: Any) -> Any:
        if full:
            return update(self, full, *args, **kwargs)
        self._dirty_regions.clear()
        return None

    def render_strips(self: Compositor, size: Size | None = None) -> list[Strip]:
        if self.root is not None:  # what shows through a dialog; a frame would have said so
            visible_screen_stack.set(self.root.app._background_screens)
        return strips(self, size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compositor, "render_update", render_update)
        patch.setattr(Compositor, "render_strips", render_strips)
        yield
