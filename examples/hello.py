"""Hello from every lane: the smallest program. ``python examples/hello.py [CONFIG]``"""

from __future__ import annotations

import sys

import hostcall

SOURCE = r"""
#include <stdio.h>
HC_KERNEL void hello(int n) { printf("hello from lane %d of %d\n", hc_thread_id(), n); }
"""


def main() -> None:
    """Print a line from each of 8 lanes."""
    with hostcall.open(sys.argv[1] if len(sys.argv) > 1 else None) as rt:
        kernel = rt.compile(SOURCE, "hello")
        kernel.launch(grid=2, block=4, args=(8,))
        rt.synchronize()


if __name__ == "__main__":
    main()
