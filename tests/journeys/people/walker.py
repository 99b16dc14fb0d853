"""Somebody at the hub's pages. A journey is a row of these steps, and reads as sentences; each page
on the way has no barrier, no complaint and no overflow."""

from datetime import date

from playwright.async_api import FilePayload, Locator

from tests.journeys.people.hands import Hand
from tests.web.browser import Reader

SHAPE = """() => {
    const told = new Set(["class", "role", "type", "lang", "aria-current", "aria-hidden"]);
    const shape = node => {
        const names = [...node.attributes].map(({name, value}) =>
            told.has(name) ? name + value : value ? name : name + "=");
        const words = [...node.childNodes].some(one => one.nodeType === 3 && one.data.trim());
        const inner = new Set([...node.children].map(shape));
        return node.localName + names.sort() + (words ? "…" : "") + "(" + [...inner] + ")";
    };
    return shape(document.documentElement);
}"""
"""What axe-core judges of a page: its elements with their attributes, whatever the words in them,
and of a row of equals one."""
Looked = set[tuple[int, str]]
"""Widths and shapes of pages in which no barrier was found."""


class Walker:
    """One person at one screen."""

    def __init__(self, reader: Reader, hand: Hand, width: int, looked_at: Looked) -> None:
        self.reader, self.page, self.hand = reader, reader.page, hand
        self.width, self.looked_at = width, looked_at
        self.part: Locator | None = None
        """What was unfolded last: fields and buttons are looked for there."""

    async def opens(self, path: str) -> None:
        assert await self.reader.open(path) == 200, path
        await self._arrive()

    async def reloads(self) -> None:
        await self.page.reload()
        await self._arrive()

    async def goes_to(self, name: str) -> None:
        """By the menu, which a telephone unfolds first."""
        menu = self.page.get_by_role("navigation", name="Menu")
        unfold = menu.get_by_role("button", name="Menu", exact=True)
        if await unfold.is_visible():
            await self.hand.press(unfold)
        await self._leave_by(menu.get_by_role("link", name=name, exact=True))

    async def follows(self, name: str) -> None:
        """A link, also one that looks like a button."""
        within = self._within()
        link = within.get_by_role("link", name=name, exact=True)
        looks_like_a_button = within.locator("a").and_(
            within.get_by_role("button", name=name, exact=True)
        )
        await self._leave_by(self._visible(link.or_(looks_like_a_button)))

    async def presses(self, name: str) -> None:
        button = self._within().get_by_role("button", name=name, exact=True)
        await self._leave_by(self._visible(button))

    async def is_refused(self, button: str, *problems: str) -> None:
        """Press it, and be told what is wrong, in a summary that has the keyboard's focus."""
        await self.presses(button)
        summary = self.page.locator(".govuk-error-summary")
        said = (await summary.inner_text()).lower()
        for problem in problems:
            assert problem.lower() in said, said
        if self.hand.scripts:
            assert await summary.evaluate("found => found === document.activeElement")

    async def unfolds(self, name: str) -> None:
        self.part = None
        folded = self.page.locator("details").filter(
            has=self.page.locator("summary", has_text=name)
        )
        last = folded.last
        if await last.get_attribute("open") is None:
            await self.hand.press(last.locator("summary").first)
        self.part = last

    async def writes(self, label: str, text: str) -> None:
        await self.hand.write(self._field(label), text)

    async def chooses(self, label: str, option: str) -> None:
        await self.hand.choose(self._field(label), option)

    async def ticks(self, label: str) -> None:
        await self.hand.tick(self._field(label))

    async def attaches(self, label: str, name: str, content: bytes) -> None:
        file: FilePayload = {
            "name": name,
            "mimeType": "application/octet-stream",
            "buffer": content,
        }
        await self.hand.attach(self._field(label), file)

    async def picks(self, option: str, of: str) -> None:
        """One of the radio buttons below the legend `of`."""
        group = self._within().get_by_role("group", name=of)
        await self.hand.tick(group.get_by_role("radio", name=option, exact=True))

    async def dates(self, legend: str, day: date) -> None:
        group = self._within().get_by_role("group", name=legend)
        for label, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
            await self.hand.write(group.get_by_label(label), str(number))

    async def sees(self, *texts: str) -> None:
        shown = await self.page.locator("main").inner_text()
        for text in texts:
            assert text in shown, f"{self.reader.where} does not say {text!r}:\n{shown}"

    async def does_not_see(self, *texts: str) -> None:
        shown = await self.page.locator("main").inner_text()
        for text in texts:
            assert text not in shown, f"{self.reader.where} says {text!r}"

    async def _leave_by(self, target: Locator) -> None:
        async with self.page.expect_navigation():
            await self.hand.press(target)
        await self._arrive()

    async def _arrive(self) -> None:
        self.part = None
        await self.reader.fits()
        if self.hand.scripts:
            shape = (self.width, await self.page.evaluate(SHAPE))
            if shape not in self.looked_at:
                await self.reader.has_no_barrier()
                self.looked_at.add(shape)

    def _within(self) -> Locator:
        return self.part or self.page.locator("main")

    def _field(self, label: str) -> Locator:
        return self._visible(self._within().get_by_label(label, exact=True))

    def _visible(self, found: Locator) -> Locator:
        return found.locator("visible=true").first
