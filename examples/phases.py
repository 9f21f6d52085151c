"""Files in batches where the host answers only between launches. ``python examples/phases.py [--config F] DIR``

Each lane takes the files of a directory in turn and counts their lines. It never waits: it submits a call, keeps the
ticket in device memory, ends, and finds the result in its next launch. So the same kernel runs on devices whose host
sees nothing until the kernel ends (coarse-grained SVM: NVIDIA's OpenCL) and on all the others.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np

import hostcall

NAME = 256
CHUNK = 16384
JOB = np.dtype(
    [
        ("ticket", np.uint8, 24),
        ("step", np.int32),
        ("fd", np.int32),
        ("file", np.int32),
        ("error", np.int32),
        ("offset", np.uint64),
    ]
)

SOURCE = r"""
typedef struct job {
    hc_ticket ticket;
    hc_i32 step, fd, file, error;
    hc_u64 offset;
} job;

/* What the lane's ticket stands for. */
#define NOTHING 0
#define OPENED 1
#define READ 2
#define CLOSED 3

HC_KERNEL void count_lines(HC_GLOBAL const char *names, int files, HC_GLOBAL job *jobs, HC_GLOBAL char *buffers,
                           HC_GLOBAL hc_u32 *lines) {
    int lane = hc_thread_id();
    job j = jobs[lane];
    HC_GLOBAL char *buffer = buffers + (hc_size)lane * CHUNK;
    hc_i32 refused = 0;
    hc_i64 got = 0;
    if (j.step == NOTHING && j.file >= files) return;
    if (j.step != NOTHING) {
        got = hc_wait(&j.ticket, buffer, CHUNK);
        if (got == -HC_EAGAIN) return; /* not answered yet */
    }
    if (got < 0) {
        j.error = (hc_i32)got;
        if (j.step != READ) { /* no descriptor to close */
            j.step = NOTHING;
            j.file += hc_thread_count();
        }
    }
    if (j.step == CLOSED) {
        j.step = NOTHING;
        j.file += hc_thread_count();
    }
    if (j.step == NOTHING) {
        if (j.file < files) {
            j.ticket = hc_submit_open(names + (hc_size)j.file * NAME, 0, 0, &refused);
            j.offset = 0;
            if (!refused) j.step = OPENED;
        }
    } else {
        if (j.step == OPENED) j.fd = (hc_i32)got;
        if (j.step == READ) {
            for (hc_i64 i = 0; i < got; i++)
                if (buffer[i] == '\n') lines[j.file]++;
            if (got > 0) j.offset += (hc_u64)got;
        }
        if (j.step == READ && got <= 0) {
            j.ticket = hc_submit_close(j.fd, &refused);
            if (!refused) j.step = CLOSED;
        } else {
            j.ticket = hc_submit_pread(j.fd, CHUNK, (hc_i64)j.offset, &refused);
            if (!refused) j.step = READ;
        }
    }
    if (refused) j.error = refused;
    jobs[lane] = j;
}
"""


def main() -> None:
    """Count the lines of the files in DIR, batch by batch, and compare with Python's count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", help="TOML file; without it the best transport that works")
    parser.add_argument("--transport", help="overrides transport.kind")
    parser.add_argument("dir")
    options = parser.parse_args()
    paths = sorted(path for path in Path(options.dir).iterdir() if path.is_file() and len(str(path)) < NAME)
    if not paths:
        parser.error(f"DIR {options.dir!r} holds no files")
    names = np.zeros((len(paths), NAME), dtype=np.uint8)
    for row, path in zip(names, paths, strict=True):
        text = os.fsencode(path.resolve())
        row[: len(text)] = np.frombuffer(text, dtype=np.uint8)
    roots = [{"path": ".", "mode": "ro"}, {"path": str(Path(options.dir).resolve()), "mode": "ro"}]
    overrides = {"transport": {"kind": options.transport}} if options.transport else {}
    lanes = 16
    jobs = np.zeros(lanes, dtype=JOB)
    jobs["file"] = np.arange(lanes)
    lines = np.zeros(len(paths), dtype=np.uint32)
    with hostcall.open(options.config, services={"fs": {"roots": roots}}, **overrides) as rt:
        kernel = rt.compile(SOURCE, "count_lines", defines={"CHUNK": CHUNK, "NAME": NAME})
        args = (names.reshape(-1), len(paths), jobs.view(np.uint8), np.zeros(lanes * CHUNK, np.uint8), lines)
        phases = rt.run_phases(kernel, 1, lanes, args, limit=100_000)
    if jobs["error"].any():
        raise SystemExit(f"phases: a call failed with {jobs['error'].min()}")
    wanted = [path.read_bytes().count(b"\n") for path in paths]
    assert lines.tolist() == wanted, "the kernel counted other numbers of lines than Python"
    print(f"{len(paths)} files, {lines.sum()} lines, in {phases} launches")


if __name__ == "__main__":
    main()
