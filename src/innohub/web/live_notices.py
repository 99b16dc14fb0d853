"""What a page asks the API while it is open, so that the count of unread notices stays true."""

ARRIVED = "subscription { noticeArrived { id } }"
UNREAD = "{ notices(first: 0, filter: {unread: true}) { totalCount } }"
