"""Screens for people who type faster than screens are put together."""

from __future__ import annotations

from weakref import WeakSet

from textual import events
from textual._compositor import Compositor, ReflowResult
from textual.app import App
from textual.css.query import NoMatches
from textual.geometry import Size
from textual.message import Message
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget

FRAME = 1 / 60
"""Seconds from one frame to the next."""


class TellingCompositor(Compositor):
    """Tells every widget its first size.

    Textual (8.2.8) tells those that the map of the layout before did not have. But the map is also made anew whenever
    somebody asks where a widget is, and one that was mounted a moment ago is then in it untold: a form that came while
    something else was drawn stayed in its narrow shape on a wide terminal.
    """

    def __init__(self) -> None:
        super().__init__()
        self._known_widgets: WeakSet[Widget] = WeakSet()

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """Lay out; who is shown for the first time, or again, is among the ``shown``."""
        result = super().reflow(parent, size)
        widgets = {widget for widget in self._full_map if widget not in self._known_widgets}
        self._known_widgets = WeakSet(self._full_map)
        return ReflowResult(hidden=result.hidden, shown=result.shown | widgets, resized=result.resized)


class Leavable(Screen[ScreenResultType]):
    """A screen that may be left, or be given a key, before all of it is there.

    Textual takes a screen's widgets away at once and goes on handling what was under way for it (8.2.8), so that a
    handler that asks for one of them would end the application.
    """

    def __init__(
        self,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(name, id, classes)
        self._compositor = TellingCompositor()
        self._was_resumed = False

    def _post_register(self, app: App[object]) -> None:
        """Before any style is worked out: the classes that follow from the width are right from the start. Textual
        gives them after the first layout, and works out every style of the screen once more."""
        super()._post_register(app)
        if points := app.HORIZONTAL_BREAKPOINTS if self.HORIZONTAL_BREAKPOINTS is None else self.HORIZONTAL_BREAKPOINTS:
            fitting = self._get_breakpoint_classes(app.size.width, points)
            self.update_classes({name: name in fitting for _, name in points}, update=False)

    def _on_screen_resume(self, event: events.ScreenResume) -> None:
        """Styles were worked out a moment ago, when the screen's widgets were made; Textual's own handler, which comes
        after this one, works them out again. Once it was covered it must: colours may have changed meanwhile."""
        event.refresh_styles = event.refresh_styles and self._was_resumed
        self._was_resumed = True

    def _compositor_refresh(self) -> None:
        """While frames are held back, as they are until the application runs, Textual draws all of one and drops it."""
        if self.app._batch_count and self.is_current:
            self.set_timer(FRAME, self._compositor_refresh)
        else:
            super()._compositor_refresh()

    @property
    def left(self) -> bool:
        """Whether the reader has gone elsewhere: what still arrives for this screen is for nobody."""
        return not self.app.is_running or self not in self.app.screen_stack

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that was quicker than the screen finds nothing yet that it could act on."""
        return self.is_mounted and super().check_action(action, parameters)

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except NoMatches:
            if not self.left:
                raise
