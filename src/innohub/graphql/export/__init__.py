"""Everything that an organisation owns, to take away.

It is read by the API, with the organisation's own eyes: nothing leaves that its people may not
read, and a field that is new to the schema is in the next export by itself.
"""
