"""Who reads what a supplier's system told: those who read a pilot's steps and tasks, as it may
name people. The public does not."""

from innohub.market.pilots.policy import step_visible

note_visible = step_visible
