"""What the hub is and by which rules it works."""

from innohub.web.page import Page

PAGE = Page("about", "/about")
