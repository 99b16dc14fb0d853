"""What a part of the bench measured."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Found:
    ratios: dict[str, float] = field(default_factory=dict)
    memory_mb: dict[str, float] = field(default_factory=dict)

    def beside(self, other: "Found") -> "Found":
        return Found(self.ratios | other.ratios, self.memory_mb | other.memory_mb)
