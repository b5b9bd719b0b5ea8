"""Lets the tests import the scripts as they import one another."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
