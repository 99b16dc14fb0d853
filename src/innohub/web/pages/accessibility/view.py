"""How accessible these pages are, and how that was checked."""

from innohub.web.page import Page

PAGE = Page("accessibility", "/accessibility")
