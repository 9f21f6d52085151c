"""A kernel walks a directory tree, reads the ``*.py`` files itself and prints each line that holds a fixed string.

    python examples/grep_tree.py [--config F] [--summary F] PATTERN DIR

The output, sorted, equals that of ``grep -rnF --include='*.py' PATTERN DIR`` in the C locale. Every step is a call from
device code: opendir, readdir, open, read, printf; the lanes share one queue of paths in device memory. The last lane
writes a summary (files, kilobytes, matches).
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import numpy as np

import hostcall

SOURCE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

/* counters */
#define HEAD 0
#define PENDING 1    /* paths pushed and not finished */
#define PUSHED 2
#define TEXT_USED 3
#define FILES 4
#define MATCHES 5
#define ERRORS 6
#define LEFT 7
#define KBYTES 8
#define COUNTER(k) ((hc_u64)(hc_size)(counters + (k)))
#define ENTRY(k) ((hc_u64)(hc_size)(entries + (k)))

#define WINDOW 16384

/* Queue: entries[i] = offset of the path in `text` * 4 + kind (1 directory, 2 file); 0: not published yet. */
HC_FN void push(HC_GLOBAL hc_u32 *counters, HC_GLOBAL hc_u32 *entries, int max_entries, HC_GLOBAL char *text,
                int text_bytes, HC_GLOBAL const char *dir, HC_GLOBAL const char *name, hc_u32 kind) {
    hc_u32 dn = (hc_u32)strlen(dir), nn = name ? (hc_u32)strlen(name) + 1u : 0u, need = dn + nn + 1u;
    hc_u32 at = hc_dev_add32(COUNTER(TEXT_USED), need), slot;
    if (at + need > (hc_u32)text_bytes) {
        printf("grep_tree: out of room for path names\n");
        (void)hc_dev_add32(COUNTER(ERRORS), 1);
        return;
    }
    memcpy(text + at, dir, dn);
    if (name) {
        text[at + dn] = '/';
        memcpy(text + at + dn + 1u, name, nn);
    } else {
        text[at + dn] = 0;
    }
    (void)hc_dev_add32(COUNTER(PENDING), 1);
    slot = hc_dev_add32(COUNTER(PUSHED), 1);
    if (slot >= (hc_u32)max_entries) {
        printf("grep_tree: out of room in the queue\n");
        (void)hc_dev_add32(COUNTER(ERRORS), 1);
        (void)hc_dev_add32(COUNTER(PENDING), 0xffffffffu);
        return;
    }
    hc_fence_dev(); /* the name before the entry that publishes it */
    hc_dev_store32(ENTRY(slot), (at + 1u) * 4u + kind);
}

HC_FN int ends_in_py(HC_GLOBAL const char *name) {
    hc_size n = strlen(name);
    return n > 2 && name[n - 3] == '.' && name[n - 2] == 'p' && name[n - 1] == 'y';
}

HC_NOINLINE void walk(HC_GLOBAL hc_u32 *counters, HC_GLOBAL hc_u32 *entries, int max_entries, HC_GLOBAL char *text,
                      int text_bytes, HC_GLOBAL const char *path) {
    DIR *dir = opendir(path);
    if (!dir) {
        printf("grep_tree: %s: cannot open the directory: errno %d\n", path, errno);
        (void)hc_dev_add32(COUNTER(ERRORS), 1);
        return;
    }
    for (;;) {
        HC_GLOBAL struct dirent *e = readdir(dir);
        if (!e) break;
        if (e->d_name[0] == '.' && (e->d_name[1] == 0 || (e->d_name[1] == '.' && e->d_name[2] == 0))) continue;
        if (e->d_type == DT_DIR)
            push(counters, entries, max_entries, text, text_bytes, path, (HC_GLOBAL const char *)e->d_name, 1);
        else if (e->d_type == DT_REG && ends_in_py((HC_GLOBAL const char *)e->d_name))
            push(counters, entries, max_entries, text, text_bytes, path, (HC_GLOBAL const char *)e->d_name, 2);
    }
    closedir(dir);
}

HC_FN int matches(HC_GLOBAL const char *line, hc_size n, HC_GLOBAL const char *pattern, hc_size pn) {
    hc_size i, k;
    for (i = 0; i + pn <= n; i++) {
        for (k = 0; k < pn && line[i + k] == pattern[k]; k++) {}
        if (k == pn) return 1;
    }
    return 0;
}

HC_NOINLINE void search(HC_GLOBAL hc_u32 *counters, HC_GLOBAL const char *path, HC_GLOBAL const char *pattern,
                        int pattern_bytes) {
    int fd = open(path, O_RDONLY), line_number = 1, binary = 0, end = 0;
    hc_size capacity = WINDOW, have = 0;
    hc_u64 total = 0;
    HC_GLOBAL char *window = fd < 0 ? (HC_GLOBAL char *)0 : (HC_GLOBAL char *)malloc(capacity);
    if (!window) {
        printf("grep_tree: %s: %s: errno %d\n", path, fd < 0 ? "cannot open" : "no memory", errno);
        (void)hc_dev_add32(COUNTER(ERRORS), 1);
        if (fd >= 0) close(fd);
        return;
    }
    while (!end && !binary) {
        hc_size start = 0, i;
        long got = (long)read(fd, window + have, capacity - have);
        if (got < 0) {
            printf("grep_tree: %s: cannot read: errno %d\n", path, errno);
            (void)hc_dev_add32(COUNTER(ERRORS), 1);
            break;
        }
        end = got == 0;
        total += (hc_u64)got;
        for (i = have; i < have + (hc_size)got; i++)
            if (window[i] == 0) binary = 1;
        have += (hc_size)got;
        for (i = 0; i < have || (end && start < have && i == have); i++) {
            if (i < have && window[i] != '\n') continue;
            if (matches(window + start, i - start, pattern, (hc_size)pattern_bytes)) {
                (void)hc_dev_add32(COUNTER(MATCHES), 1);
                if (binary) {
                    printf("Binary file %s matches\n", path);
                    break;
                }
                printf("%s:%d:%.*s\n", path, line_number, (int)(i - start), window + start);
            }
            line_number++;
            start = i + 1;
            if (i == have) break;
        }
        if (start > have) start = have;
        have -= start;
        memmove(window, window + start, have);
        if (have == capacity) { /* a line longer than the window */
            HC_GLOBAL char *larger = (HC_GLOBAL char *)realloc(window, 2 * capacity);
            if (!larger) {
                printf("grep_tree: %s:%d: no memory for a line this long: %d bytes\n", path, line_number,
                       (int)capacity);
                (void)hc_dev_add32(COUNTER(ERRORS), 1);
                break;
            }
            window = larger;
            capacity *= 2;
        }
    }
    free(window);
    close(fd);
    (void)hc_dev_add32(COUNTER(FILES), 1);
    (void)hc_dev_add32(COUNTER(KBYTES), (hc_u32)((total + 512) / 1024));
}

HC_KERNEL void grep_tree(HC_GLOBAL const char *pattern, int pattern_bytes, HC_GLOBAL const char *root,
                         HC_GLOBAL const char *summary, HC_GLOBAL hc_u32 *counters, HC_GLOBAL hc_u32 *entries,
                         int max_entries, HC_GLOBAL char *text, int text_bytes) {
    int idle = 0;
    if (hc_thread_id() == 0)
        push(counters, entries, max_entries, text, text_bytes, root, (HC_GLOBAL const char *)0, 1);
    while (idle < 100000) {
        hc_u32 head = hc_dev_load32(COUNTER(HEAD));
        hc_u32 entry = head < (hc_u32)max_entries ? hc_dev_load32(ENTRY(head)) : 0;
        if (entry == 0) {
            /* Nothing to take now. Where lanes run at the same time it pays to wait for those that are still walking;
             * a lane that may run before them (OpenCL on a CPU) leaves the rest to them: whoever pushes also takes. */
            if (!HC_WAITS_FOR_OTHERS || hc_dev_load32(COUNTER(PENDING)) == 0) {
                if (hc_dev_load32(COUNTER(PUSHED)) != 0) break;
            }
            idle++;
            hc_relax(100);
            continue;
        }
        if (hc_dev_cas32(COUNTER(HEAD), head, head + 1) != head) continue;
        hc_fence_dev(); /* the entry before the name it publishes */
        idle = 0;
        {
            HC_GLOBAL const char *path = text + (entry / 4u - 1u);
            if (entry % 4u == 1u)
                walk(counters, entries, max_entries, text, text_bytes, path);
            else
                search(counters, path, pattern, pattern_bytes);
        }
        (void)hc_dev_add32(COUNTER(PENDING), 0xffffffffu);
    }
    hc_fence_dev(); /* this lane's counts before the departure that lets the last lane read them */
    if (hc_dev_add32(COUNTER(LEFT), 1) + 1u == (hc_u32)hc_thread_count() && summary) {
        char report[160];
        int n = snprintf(report, sizeof report, "files %u\nkilobytes %u\nmatches %u\nerrors %u\n",
                         hc_dev_load32(COUNTER(FILES)), hc_dev_load32(COUNTER(KBYTES)),
                         hc_dev_load32(COUNTER(MATCHES)), hc_dev_load32(COUNTER(ERRORS)));
        int fd = open(summary, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (fd < 0 || write(fd, report, (hc_size)n) != n || close(fd) != 0) {
            printf("grep_tree: cannot write the summary: errno %d\n", errno);
            (void)hc_dev_add32(COUNTER(ERRORS), 1);
        }
    }
}
"""

MAX_ENTRIES = 1 << 18
TEXT_BYTES = 32 << 20


def c_string(text: str) -> np.ndarray:
    """The bytes of `text` with a NUL behind them."""
    return np.frombuffer(os.fsencode(text) + b"\0", dtype=np.uint8)


def main() -> int:
    """Parse the command line, run the kernel, return grep's exit status (0: found, 1: nothing found, 2: errors)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", help="TOML file; without it the best transport that works")
    parser.add_argument("--summary", default="", help="file for the summary, inside the current directory")
    parser.add_argument("--transport", help="overrides transport.kind")
    parser.add_argument("--lanes", type=int, default=0, help="lanes that share the work (default: by backend)")
    parser.add_argument("pattern")
    parser.add_argument("dir")
    options = parser.parse_args()
    if not options.pattern or "\n" in options.pattern:
        parser.error("PATTERN must be one non-empty line")
    if not Path(options.dir).is_dir():
        parser.error(f"DIR {options.dir!r} is not a directory")
    directory = options.dir.rstrip("/") or "/"
    roots = [{"path": ".", "mode": "rw"}, {"path": str(Path(directory).resolve()), "mode": "ro"}]
    overrides = {"transport": {"kind": options.transport}} if options.transport else {}
    with hostcall.open(options.config, services={"fs": {"roots": roots}}, **overrides) as rt:
        waits = 0 if rt.transport.backend == "opencl" else 1
        kernel = rt.compile(SOURCE, "grep_tree", defines={"HC_WAITS_FOR_OTHERS": waits})
        lanes = options.lanes or {"cuda": 4096, "opencl": 64, "host": 32}[rt.transport.backend]
        block = min(lanes, 64 if rt.transport.backend == "cuda" else 8)
        counters = np.zeros(16, dtype=np.uint32)
        kernel.launch(
            grid=-(-lanes // block),
            block=block,
            args=(
                c_string(options.pattern),
                len(os.fsencode(options.pattern)),
                c_string(directory),
                c_string(options.summary) if options.summary else None,
                counters,
                np.zeros(MAX_ENTRIES, dtype=np.uint32),
                MAX_ENTRIES,
                np.zeros(TEXT_BYTES, dtype=np.uint8),
                TEXT_BYTES,
            ),
        )
        rt.synchronize()
    matches, errors = int(counters[5]), int(counters[6])
    return 2 if errors else 0 if matches else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except hostcall.HostcallError as error:
        print(f"grep_tree: {error}", file=sys.stderr)
        sys.exit(2)
