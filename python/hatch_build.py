"""Puts the shared library into the wheel, and names the machine that it is for."""

import os
import sysconfig
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LibraryHook(BuildHookInterface):
    """Takes the library that RDCODEC_LIBRARY names, as `make wheel` does."""

    def initialize(self, version, build_data):
        if version == "editable":
            return
        library = Path(os.environ.get("RDCODEC_LIBRARY", ""))
        if not library.is_file():
            raise RuntimeError("RDCODEC_LIBRARY must name librdcodec.so.0; `make wheel` sets it")
        build_data["force_include"][str(library)] = "rdcodec/librdcodec.so.0"
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"
