"""An event's way to a supplier's system: lined up, claimed, sent, settled, sent again."""
