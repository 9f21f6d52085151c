"""A kernel asks a Python function in mid-flight and goes on with the answer. ``python examples/ask_python.py [CONFIG]``

The service gets the bytes of all lanes that asked together: ``lanes`` equal parts, one after the other.
"""

from __future__ import annotations

import sys

import numpy as np

import hostcall

SOURCE = r"""
#include <stdio.h>
HC_KERNEL void solve(HC_GLOBAL double *x, int steps) {
    int i = hc_thread_id();
    for (int step = 0; step < steps; step++) {
        double ask[1], answer[1];
        ask[0] = x[i];
        long got = (long)hc_call("slope", ask, sizeof ask, answer, sizeof answer);
        if (got != (long)sizeof answer) {
            printf("lane %d: the service answered %ld\n", i, got);
            return;
        }
        x[i] -= answer[0];
    }
}
"""


def main() -> None:
    """Newton's method for the square root of 2, ... 9: the kernel iterates, Python knows the function."""
    with hostcall.open(sys.argv[1] if len(sys.argv) > 1 else None) as rt:
        targets = np.arange(2.0, 10.0)

        @rt.service("slope")
        def slope(data: bytes, lanes: int) -> bytes:
            x = np.frombuffer(data, dtype=np.float64)
            nearest = targets[np.argmin(np.abs(x[:, None] ** 2 - targets), axis=1)]
            return ((x * x - nearest) / (2 * x)).tobytes()

        kernel = rt.compile(SOURCE, "solve")
        x = np.sqrt(targets) + 0.01
        kernel.launch(grid=2, block=4, args=(x, 4))
        rt.synchronize()
        for target, root in zip(targets, x, strict=True):
            print(f"sqrt({target:.0f}) = {root:.12f}")
        assert np.allclose(x, np.sqrt(targets), rtol=1e-12)


if __name__ == "__main__":
    main()
