"""The two ways in which a journey is walked: by the keys alone, and without any script."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import ElementHandle, FilePayload, Locator, Page

STOPS = 400
"""So many presses of a key without arriving: what is looked for cannot be reached by keyboard."""
IS_BEHIND = """sought => {
    const here = document.activeElement;
    return here !== document.body
        && Boolean(here.compareDocumentPosition(sought) & Node.DOCUMENT_POSITION_PRECEDING);
}"""
STOPS_BETWEEN = """sought => {
    const stops = [...document.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")]
        .filter(one => one === sought || one === document.activeElement
            || one.tabIndex >= 0 && !one.disabled && one.checkVisibility());
    const groups = new Set();
    const between = (from, to) => stops.slice(from + 1, to).filter(one => {
        if (one.type !== "radio") return true;
        const group = (one.form ? stops.indexOf(one.form.elements[0]) : "") + one.name;
        return groups.has(group) ? false : groups.add(group);
    }).length;
    const [here, there] = [stops.indexOf(document.activeElement), stops.indexOf(sought)];
    return Math.max(0, between(Math.min(here, there), Math.max(here, there)) - 2);
}"""
"""How many presses of a key do not lead past what is sought: two fewer than there are stops."""
HAS_FOCUS = """sought => {
    const here = document.activeElement;
    return here === sought
        || (sought.type === "radio" && here.name === sought.name && here.form === sought.form);
}"""
IS_FOCUSED = "sought => sought === document.activeElement"
LOOKS = """sought => {
    const parts = [getComputedStyle(sought)];
    for (const label of sought.labels || []) parts.push(getComputedStyle(label, "::before"));
    return parts.map(one => [one.outline, one.boxShadow, one.backgroundColor, one.borderColor])
        .join();
}"""
IN_VIEW = """sought => {
    const box = (sought.labels && sought.labels[0] || sought).getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
}"""
CHOSEN = "sought => sought.selectedOptions[0].label.trim()"

Doing = Callable[[], Awaitable[Any]]


class Keyboard:
    """No mouse: what is used is reached by Tab, in view, and looks other than before."""

    scripts = True

    def __init__(self, page: Page) -> None:
        self.page = page

    async def reach(self, target: Locator) -> ElementHandle:
        sought = await target.element_handle()
        assert sought is not None
        if await sought.evaluate(IS_FOCUSED):
            return sought
        before = await sought.evaluate(LOOKS)
        key = "Shift+Tab" if await sought.evaluate(IS_BEHIND) else "Tab"
        await self._press_often(key, await sought.evaluate(STOPS_BETWEEN))
        for _ in range(STOPS):
            await self.page.keyboard.press(key)
            if await sought.evaluate(HAS_FOCUS):
                break
        for _ in range(STOPS):
            if await sought.evaluate(IS_FOCUSED):
                break
            await self.page.keyboard.press("ArrowDown")
        assert await sought.evaluate(IS_FOCUSED), f"no key leads to {target}"
        assert await sought.evaluate(LOOKS) != before, f"the focus on {target} is not seen"
        assert await sought.evaluate(IN_VIEW), f"{target} has the focus and is out of view"
        return sought

    async def _press_often(self, key: str, times: int) -> None:
        """The key again and again, without a look at where it leads in between."""
        held, _, pressed = key.rpartition("+")
        if held:
            await self.page.keyboard.down(held)
        await asyncio.gather(*(self.page.keyboard.press(pressed) for _ in range(times)))
        if held:
            await self.page.keyboard.up(held)

    async def press(self, target: Locator) -> None:
        await self.reach(target)
        await self.page.keyboard.press("Enter")

    async def write(self, target: Locator, text: str) -> None:
        await self.reach(target)
        await self.page.keyboard.press("Control+A")
        await self.page.keyboard.insert_text(text)

    async def choose(self, target: Locator, option: str) -> None:
        sought = await self.reach(target)
        await self.page.keyboard.press("Home")
        for _ in range(STOPS):
            if await sought.evaluate(CHOSEN) == option:
                return
            await self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the keys do not choose {option}")

    async def tick(self, target: Locator) -> None:
        await self.reach(target)
        if not await target.is_checked():
            await self.page.keyboard.press("Space")
        assert await target.is_checked()

    async def attach(self, target: Locator, file: FilePayload) -> None:
        await self.reach(target)
        async with self.page.expect_file_chooser() as chosen:
            await self.page.keyboard.press("Space")
        await (await chosen.value).set_files(file)


class WithoutScripts:
    """A browser that runs no script of the page."""

    scripts = False

    def __init__(self, page: Page) -> None:
        self.page = page

    async def press(self, target: Locator) -> None:
        await target.click()

    async def write(self, target: Locator, text: str) -> None:
        await target.fill(text)

    async def choose(self, target: Locator, option: str) -> None:
        await target.select_option(label=option)

    async def tick(self, target: Locator) -> None:
        await target.check()

    async def attach(self, target: Locator, file: FilePayload) -> None:
        await target.set_input_files(file)


Hand = Keyboard | WithoutScripts
