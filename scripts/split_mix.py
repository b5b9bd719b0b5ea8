"""SplitMix64: the generator of the tests in Swift."""

MASK = (1 << 64) - 1


def split_mix(state):
    """64-bit numbers without end."""
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)
