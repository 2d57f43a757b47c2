"""Shorter ways to what Textual (8.2.8) comes to for every message, widget and line anew.

Each gives what Textual's own way gives, and leaves to it whatever is not the usual case. Together they are a seventh of
what a test of the interface costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from inspect import isawaitable
from typing import Any, Generic

_plans: dict[tuple[type, str, type], Any] = {}
"""By class, handler's name and message: the classes that handle it, each with its functions. None: ask Textual."""
_plain: set[tuple[type, str]] = set()
"""Classes and reactive attributes of theirs that are not computed."""


def take() -> None:
    """In this process, from now on."""
    _forget_with_each_handler_that_is_given()
    _plan_handlers()
    _call_at_once()
    _read_plain_attributes()
    _compare_styles()
    _match_from_the_end()
    _make_caches_when_asked()


def _forget_with_each_handler_that_is_given() -> None:
    """A test may give a class a handler, and take it away again."""
    from textual.message_pump import _MessagePumpMeta

    def set_(kind: type, name: str, value: Any) -> None:
        type.__setattr__(kind, name, value)
        _forget(name)

    def delete(kind: type, name: str) -> None:
        type.__delattr__(kind, name)
        _forget(name)

    _MessagePumpMeta.__setattr__, _MessagePumpMeta.__delattr__ = set_, delete  # type: ignore[method-assign,assignment]


def _forget(name: str) -> None:
    if name.lstrip("_").startswith(("on_", "compute_", "decorated_handlers")):
        _plans.clear()
        _plain.clear()


def _plan_handlers() -> None:
    """Which functions handle a kind of message in a kind of widget."""
    from textual.message import Message
    from textual.message_pump import MessagePump

    ask = MessagePump._get_dispatch_methods

    def get_dispatch_methods(pump: MessagePump, method_name: str, message: Message) -> Any:
        key = (pump.__class__, method_name, message.__class__)
        try:
            plan = _plans[key]
        except KeyError:
            plan = _plans[key] = _plan(*key)
        if plan is None:
            return ask(pump, method_name, message)
        return _bound(pump, plan, message) if plan else ()

    MessagePump._get_dispatch_methods = get_dispatch_methods  # type: ignore[method-assign]


def _plan(kind: type, method_name: str, of: type) -> tuple[tuple[type, tuple[Callable[..., Any], ...]], ...] | None:
    from textual.message import Message
    from textual.message_pump import _MessagePumpMeta

    if any(not isinstance(each, _MessagePumpMeta) and each not in (object, Generic) for each in kind.__mro__):
        return None  # who gives such a class a handler isn't heard of
    messages = [each for each in of.__mro__ if issubclass(each, Message)]
    taken: set[Callable[..., Any]] = set()
    plan = []
    for each in kind.__mro__:
        functions = []
        decorated = each.__dict__.get("_decorated_handlers") or {}
        for message in messages:
            for function, selectors in decorated.get(message, ()):
                if selectors:
                    return None  # depends on who sends it
                if function not in taken:
                    taken.add(function)
                    functions.append(function)
        named = each.__dict__.get(f"_{method_name}") or each.__dict__.get(method_name)
        if named is not None and not getattr(named, "_textual_on", None):
            functions.append(named)
        if functions:
            plan.append((each, tuple(functions)))
    return tuple(plan)


def _bound(pump: Any, plan: Any, message: Any) -> Iterator[tuple[type, Callable[..., Any]]]:
    for kind, functions in plan:
        if message._no_default_action:
            return
        for function in functions:
            yield kind, function.__get__(pump, kind)


class _Nobody:
    """Textual's console for developers, which isn't there: hears everything and says nothing."""

    def __getattr__(self, name: str) -> _Nobody:
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> _Nobody:
        return self


def _call_at_once() -> None:
    """No look at how many parameters the same function had before, whether somebody measures it or reads along."""
    import textual._callback
    import textual.message_pump
    from textual.message_pump import MessagePump

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
    number_of = textual._callback.count_parameters

    async def invoke(callback: Callable[..., Any], *params: object) -> Any:
        came = callback(*params[: number_of(callback)])
        return await came if came is not None and isawaitable(came) else came

    textual.message_pump.invoke = invoke  # type: ignore[attr-defined]
    textual.message_pump.log = _Nobody()  # type: ignore[attr-defined]
    prevent, nothing = MessagePump.prevent, nullcontext()

    def prevent_some(pump: MessagePump, *kinds: Any) -> Any:
        return prevent(pump, *kinds) if kinds else nothing

    MessagePump.prevent = prevent_some  # type: ignore[method-assign,assignment]


def _read_plain_attributes() -> None:
    """A reactive attribute that has its value and isn't computed; a rule of a widget's style."""
    from textual.css.styles import RenderStyles
    from textual.reactive import Reactive

    get = Reactive.__get__

    def get_value(reactive: Reactive[Any], node: Any, kind: Any = None) -> Any:
        if node is None:
            return reactive
        try:
            value = node.__dict__[reactive.internal_name]
        except (AttributeError, KeyError):
            return get(reactive, node, kind)
        key = (node.__class__, reactive.compute_name)
        if key not in _plain:
            if hasattr(node, reactive.compute_name):
                return get(reactive, node, kind)
            _plain.add(key)
        return value

    Reactive.__get__ = get_value  # type: ignore[method-assign,assignment]

    def get_rule(styles: Any, name: str, default: Any = None) -> Any:
        own = styles._inline_styles._rules
        return own[name] if name in own else styles._base_styles._rules.get(name, default)

    RenderStyles.get_rule = get_rule  # type: ignore[method-assign]


def _compare_styles() -> None:
    """What a rule of a style sheet says; and a rule that a widget has already isn't set again."""
    from textual.css.model import RuleSet
    from textual.css.styles import Styles
    from textual.css.stylesheet import Stylesheet

    RuleSet.__hash__ = object.__hash__  # type: ignore[method-assign]  # by identity as it is, without a call
    extract = Styles.extract_rules
    said: dict[tuple[Any, ...], tuple[Styles, int, list[Any]]] = {}

    def extract_rules(styles: Styles, *more: Any) -> list[Any]:
        key = (id(styles), *more)
        known = said.get(key)
        if known is None or known[0] is not styles or known[1] != styles._updates:
            known = said[key] = (styles, styles._updates, extract(styles, *more))
        return known[2]

    Styles.extract_rules = extract_rules  # type: ignore[method-assign,assignment]
    replace = Stylesheet.replace_rules.__func__  # type: ignore[attr-defined]

    def replace_rules(sheet: Any, node: Any, rules: Any, animate: bool = False) -> None:
        base = node.styles.base
        before = base._rules
        if animate or not before:
            replace(sheet, node, rules, animate)
            return
        for name in before.keys() | rules.keys():
            value = rules.get(name)
            if value is not before.get(name) or name.startswith("scrollbar"):  # setting those draws them, come what may
                setattr(base, name, value)
        node.notify_style_update()

    Stylesheet.replace_rules = classmethod(replace_rules)  # type: ignore[method-assign,assignment]


def _match_from_the_end() -> None:
    """A selector whose last part isn't the widget is no match, whatever stands before."""
    import textual.css.match
    import textual.css.stylesheet
    from textual.css.model import CombinatorType

    check = textual.css.match._check_selectors
    descendant = CombinatorType.DESCENDENT

    def check_selectors(selectors: Any, nodes: Any) -> bool:
        last = selectors[-1]
        if not last.check(nodes[-1]):
            return False
        if len(selectors) == 1 and last.combinator is descendant:
            return True
        return check(selectors, nodes)

    textual.css.match._check_selectors = textual.css.stylesheet._check_selectors = check_selectors  # type: ignore[attr-defined]


def _make_caches_when_asked() -> None:
    """A line on the screen has seven caches, and most lines ask for one of them."""
    from textual.cache import FIFOCache
    from textual.strip import Strip

    sizes = {
        "_divide_cache": 4,
        "_crop_cache": 16,
        "_style_cache": 16,
        "_filter_cache": 4,
        "_line_length_cache": 4,
        "_crop_extend_cache": 4,
        "_offsets_cache": 4,
    }

    def init(strip: Any, segments: Any, cell_length: int | None = None) -> None:
        strip._segments = list(segments)
        strip._cell_length = cell_length
        strip._render_cache = strip._link_ids = strip._cell_count = None

    def make(strip: Any, name: str) -> Any:
        if name not in sizes:
            raise AttributeError(name)
        cache: FIFOCache[Any, Any] = FIFOCache(sizes[name])
        setattr(strip, name, cache)
        return cache

    Strip.__init__, Strip.__getattr__ = init, make  # type: ignore[method-assign,attr-defined]
