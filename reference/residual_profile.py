"""Profiles of the methods 0 to 3 (FORMAT.md, §10.1)."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Profile:
    """Windows as (across, down), whether there is NLMS, width of blocks, number of contexts."""

    level: int
    windows: tuple[tuple[float, float], ...]
    has_nlms: bool
    block_width: int
    contexts: int
    fits_own_row: bool = False

    def of_candidates(self) -> "Profile":
        """The profile of methods that code pixel after pixel: level 1 is level 2 with one window
        and without NLMS (§10.8)."""
        if self.level == 1:
            return replace(self, level=2)
        return self


PROFILES = (
    Profile(3, ((0.5, 0.85),), True, 16, 4),
    Profile(4, ((0.8, 0.85), (0.2, 0.75)), True, 16, 8),
    Profile(5, ((0.95, 0.85), (0.5, 0.75)), True, 4, 8),
    Profile(6, ((0.95, 0.9), (0.6, 0.8)), True, 4, 8, True),
    Profile(1, ((0.5, 0.85),), False, 16, 0),
    Profile(2, ((0.8, 0.85), (0.2, 0.75)), True, 8, 0),
)
