"""Progress and log lines arrive while the kernel runs. ``python examples/long_run.py [CONFIG]``"""

from __future__ import annotations

import logging
import sys

import hostcall

SOURCE = r"""
#include <stdio.h>
#include <time.h>
#include <unistd.h>
HC_KERNEL void long_run(int steps, int step_us) {
    if (hc_thread_id() != 0) return;
    for (int step = 1; step <= steps; step++) {
        usleep((unsigned)step_us);
        hc_progress("simulation", (hc_u64)step, (hc_u64)steps);
        if (step % 10 == 0) hc_log(HC_LOG_INFO, "ten more steps are done");
    }
    printf("done after %d steps\n", steps);
}
"""


def main() -> None:
    """Run 40 steps of 50 ms."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    with hostcall.open(sys.argv[1] if len(sys.argv) > 1 else None) as rt:
        kernel = rt.compile(SOURCE, "long_run")
        kernel.launch(grid=1, block=1, args=(40, 50_000))
        rt.synchronize()


if __name__ == "__main__":
    main()
