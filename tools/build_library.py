#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Build the linkable library in every form that other compilers link against; no GPU is needed.

    tools/build_library.py --out build/library            all forms
    tools/build_library.py --out build/library bitcode    only this one

The same as ``python -m hostcall.programs.library``.
"""

import sys

from hostcall.programs.library import main

if __name__ == "__main__":
    sys.exit(main())
