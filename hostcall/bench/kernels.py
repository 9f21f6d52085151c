# SPDX-License-Identifier: Apache-2.0
"""Sources of the workloads: one text per workload, for all backends.

Every kernel takes the same arguments and leaves the same record per lane, so that launching and evaluating are written
once. A kernel measures each call with the device's own counter and checks the answer; when one is wrong it counts.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import numpy as np

RECORD = np.dtype(
    [
        ("start_ns", "u8"),
        ("end_ns", "u8"),
        ("start_cycles", "u8"),
        ("end_cycles", "u8"),
        ("errors", "u8"),
        ("wrong", "u8"),
        ("longest", "u8"),
        ("first_error", "i8"),
    ]
)
"""What each calling lane leaves; ``longest`` is in cycles, ``first_error`` a negative errno or 0."""

WRITE_BUFFERS = 65536
"""Lanes that write have a buffer of their own up to this number; beyond it lanes this far apart share one."""

_PRELUDE = r"""
#if !defined(HC_CUDA)
#define __launch_bounds__(threads, blocks)
#endif

typedef struct bench_probe {
    hc_u64 t0, longest, errors, wrong, start_ns, start_cycles, last;
    hc_i64 first_error;
    hc_u32 thread, lane, warp;
    hc_mask mask;
} bench_probe;

/* Lanes beyond `lanes` of each warp leave; those that stay are numbered without gaps. */
HC_FN int bench_begin(bench_probe *b, int lanes) {
    hc_u32 thread = (hc_u32)hc_thread_id();
    b->lane = thread % BENCH_WARP;
    b->warp = thread / BENCH_WARP;
    if (b->lane >= (hc_u32)lanes) return 0;
    b->thread = b->warp * (hc_u32)lanes + b->lane;
    b->mask = lanes >= 32 ? 0xffffffffu : (1u << lanes) - 1u;
    b->longest = 0;
    b->errors = 0;
    b->wrong = 0;
    b->last = 0;
    b->first_error = 0;
    hc_warp_sync(b->mask);
    b->start_ns = hc_timer_ns();
    b->start_cycles = hc_cycles();
    return 1;
}
/* Lanes that drifted apart come together again, so that they travel in one packet. */
HC_FN void bench_before(bench_probe *b) {
    hc_warp_sync(b->mask);
    b->t0 = hc_cycles();
}
/* Of each warp the last `keep` calls are sampled, and the longest of all is kept. */
HC_FN void bench_after(bench_probe *b, HC_GLOBAL hc_u32 *samples, int keep, int i) {
    hc_u64 t = hc_cycles() - b->t0;
    if (t > b->longest) b->longest = t;
    if (t > 0xffffffffu) t = 0xffffffffu;
    if (b->lane == 0) samples[(hc_u64)b->warp * (hc_u64)keep + (hc_u64)(i % keep)] = (hc_u32)t;
}
HC_FN void bench_check(bench_probe *b, hc_i64 result, hc_i64 wanted) {
    if (result == wanted) return;
    if (result < 0) {
        if (!b->errors) b->first_error = result;
        b->errors++;
    } else {
        b->wrong++;
    }
}
HC_FN void bench_end(const bench_probe *b, HC_GLOBAL hc_u64 *out) {
    HC_GLOBAL hc_u64 *r = out + 8u * (hc_u64)b->thread;
    r[0] = b->start_ns;
    r[1] = hc_timer_ns();
    r[2] = b->start_cycles;
    r[3] = hc_cycles();
    r[4] = b->errors;
    r[5] = b->wrong;
    r[6] = b->longest;
    r[7] = (hc_u64)b->first_error;
}
"""

_POST = r"""
HC_FN hc_i32 bench_post(hc_u32 value) {
    hc_post_txn p;
    hc_post_begin(&p, 1);
    if (!p.err) hc_post_header(&p, HC_POST_NOP, 1, value);
    return p.err;
}
"""

_POST_64 = r"""
/* Four words: a record of 64 bytes. */
HC_FN hc_i32 bench_post_64(hc_u32 value) {
    hc_post_txn p;
    hc_u32 k;
    hc_post_begin(&p, 4);
    if (p.err) return p.err;
    for (k = 1; k < 4u; k++) hc_post_word(&p, k, (hc_u64)k * value);
    hc_post_header(&p, HC_POST_NOP, 4, value);
    return 0;
}
"""

POST_64_WEIGHT = 1 + 1 + 2 + 3
"""What the words of such a record add up to, in its value."""

_STAMP = r"""
/* First, middle and last word of the payload carry the call's number; to compare all would cost more than the call. */
HC_FN void bench_stamp(HC_GLOBAL hc_u8 *at, int payload, hc_u64 stamp) {
    HC_GLOBAL hc_u64 *w = (HC_GLOBAL hc_u64 *)at;
    int count = payload / 8;
    if (count) {
        w[count / 2] = stamp + 1u;
        w[count - 1] = stamp + 2u;
        w[0] = stamp;
    }
}
HC_FN int bench_stamped(HC_GLOBAL const hc_u8 *at, HC_GLOBAL const hc_u8 *wanted, int payload) {
    HC_GLOBAL const hc_u64 *w = (HC_GLOBAL const hc_u64 *)at, *v = (HC_GLOBAL const hc_u64 *)wanted;
    int count = payload / 8;
    return !count || (w[0] == v[0] && w[count / 2] == v[count / 2] && w[count - 1] == v[count - 1]);
}
"""


@dataclass(frozen=True)
class Source:
    """The parts of a workload's kernel.

    Attributes
    ----------
    call : str
        Statements that are timed.
    prepare, check : str
        Statements before and after, in the same scope. ``n`` numbers the call, ``b.thread`` the lane.
    before : str
        Includes and helper functions.
    after : str
        Statements after a lane's last call, when its record is written; only rates by the host's clock include them.
    """

    call: str
    prepare: str = ""
    check: str = ""
    before: str = ""
    after: str = ""

    def text(self, warp: int, threads: int, blocks: int) -> str:
        """Complete kernel ``bench``: `warp` lanes in a warp, `threads` in a block, `blocks` on a multiprocessor."""

        def part(statements: str) -> str:
            return textwrap.indent(textwrap.dedent(statements).strip(), " " * 8).lstrip()

        return f"""{self.before.strip()}
#define BENCH_WARP {warp}u
#define BENCH_THREADS {threads}
#define BENCH_BLOCKS {blocks}
{_PRELUDE}
HC_KERNEL void __launch_bounds__(BENCH_THREADS, BENCH_BLOCKS)
bench(HC_GLOBAL hc_u64 *out, HC_GLOBAL hc_u32 *samples, HC_GLOBAL hc_u8 *buffer, int lanes, int keep, int rounds,
      int first, int payload, int handle, hc_u64 extent) {{
    bench_probe b;
    int i;
    (void)buffer;
    (void)payload;
    (void)handle;
    (void)extent;
    if (!bench_begin(&b, lanes)) return;
    for (i = 0; i < rounds; i++) {{
        hc_u32 n = (hc_u32)(first + i);
        {part(self.prepare)}
        bench_before(&b);
        {part(self.call)}
        bench_after(&b, samples, keep, i);
        {part(self.check)}
        (void)n;
    }}
    bench_end(&b, out);
    {part(self.after)}
}}
"""


_OWN_BUFFER = "HC_GLOBAL hc_u8 *mine = buffer + (hc_u64)b.thread * (hc_u64)payload;"
_CLOCK_CHECK = """
    hc_u64 now = (hc_u64)ts.tv_sec * 1000000000u + (hc_u64)ts.tv_nsec;
    bench_check(&b, r, 0);
    if (now < b.last) b.wrong++;
    b.last = now;
"""

NOOP = Source(
    prepare="hc_i64 r;",
    call="r = hc_call_words(HC_OP_NOP, 2, (hc_i64)b.warp, (hc_i64)n, 0, 0);",
    check="bench_check(&b, r, (hc_i64)b.warp + (hc_i64)n);",
)

NOOP_LANES = Source(
    prepare="hc_i64 r;",
    call="r = hc_call_words(HC_OP_NOP, 2, (hc_i64)b.thread, (hc_i64)n, 0, 0);",
    check="bench_check(&b, r, (hc_i64)b.thread + (hc_i64)n);",
)

NOOP_WORKER = Source(
    prepare="hc_i64 r;",
    call="r = hc_call_words(HC_OP_NOP_WORKER, 2, (hc_i64)b.warp, (hc_i64)n, 0, 0);",
    check="bench_check(&b, r, (hc_i64)b.warp + (hc_i64)n);",
)

POSTED = Source(
    before="#include <hostcall.h>" + _POST,
    prepare="hc_i32 r;",
    call="r = bench_post(b.thread + n);",
    check="bench_check(&b, r, 0);",
)

POSTED_64 = Source(
    before="#include <hostcall.h>" + _POST_64,
    prepare="hc_i32 r;",
    call="r = bench_post_64(b.thread + n);",
    check="bench_check(&b, r, 0);",
)

ECHO = Source(
    before="#include <hostcall.h>" + _STAMP,
    prepare="""
        HC_GLOBAL hc_u8 *mine = buffer + 2u * (hc_u64)b.thread * (hc_u64)payload, *back = mine + payload;
        hc_txn t;
        hc_i64 r;
        bench_stamp(mine, payload, ((hc_u64)b.thread << 32) + 4u * (hc_u64)n);
    """,
    call="""
        hc_begin(&t, HC_OP_ECHO, 1, (hc_u64)payload, HC_IN | HC_OUT);
        if (!t.err && payload) hc_put(&t, 0, mine, t.bytes);
        r = hc_send(&t, (hc_i64)t.bytes, 0, 0, 0, 0, 0);
        if (!t.err && t.kind == HC_PAY_STAGED) hc_get(&t, 0, back, r > 0 ? t.bytes : 0);
        hc_end(&t);
    """,
    check="""
        bench_check(&b, r, payload);
        if (r == payload && !bench_stamped(back, mine, payload)) b.wrong++;
    """,
)

PRINTF = Source(
    before="#include <stdio.h>",
    prepare="double value = 0.5 * (double)(b.thread % 1000u) + 0.015625 * (double)(n % 64u);",
    call=r'printf("%d %u %f\n", (int)b.thread, n, value);',
)

WRITE = Source(
    before="#include <errno.h>\n#include <unistd.h>",
    prepare=f"""
        HC_GLOBAL hc_u8 *mine = buffer + (hc_u64)(b.thread % {WRITE_BUFFERS}u) * (hc_u64)payload;
        hc_i64 r;
    """,
    call="r = (hc_i64)write(handle, mine, (hc_size)payload);",
    check="bench_check(&b, r < 0 ? -(hc_i64)errno : r, payload);",
)

READ = Source(
    before="#include <errno.h>\n#include <unistd.h>",
    prepare=f"""
        {_OWN_BUFFER}
        hc_u64 callers = (hc_u64)hc_thread_count() / BENCH_WARP * (hc_u64)lanes;
        hc_u64 at = ((hc_u64)n * callers + b.thread) % (extent / (hc_u64)payload) * (hc_u64)payload;
        HC_GLOBAL const hc_u64 *words = (HC_GLOBAL const hc_u64 *)mine;
        hc_i64 r;
    """,
    call="r = (hc_i64)pread(handle, mine, (hc_size)payload, (hc_i64)at);",
    check="""
        bench_check(&b, r < 0 ? -(hc_i64)errno : r, payload);
        at /= 8u;
        if (r == payload && (words[0] != at || words[payload / 8 - 1] != at + (hc_u64)payload / 8u - 1u)) b.wrong++;
    """,
)

_OWN_BLOCK = """
    hc_u64 bytes = (hc_u64)payload * hc_block_dim();
    HC_GLOBAL hc_u8 *mine = buffer + (hc_u64)hc_block_id() * bytes;
    hc_i64 r;
"""

# All lanes of a block make one call, so that they must all be there.
WRITE_BLOCK = Source(
    before="#include <hostcall.h>",
    prepare=_OWN_BLOCK,
    call="r = lanes < (int)BENCH_WARP ? -HC_EINVAL : hc_block_write(handle, mine, bytes);",
    check="bench_check(&b, r, (hc_i64)bytes);",
)

READ_BLOCK = Source(
    before="#include <hostcall.h>",
    prepare=_OWN_BLOCK
    + """
    hc_u64 places = bytes < extent ? extent / bytes : 1u;
    hc_u64 at = ((hc_u64)n * hc_grid_dim() + hc_block_id()) % places * bytes;
    HC_GLOBAL const hc_u64 *words = (HC_GLOBAL const hc_u64 *)(mine + (hc_u64)hc_local_id() * (hc_u64)payload);
""",
    call="r = lanes < (int)BENCH_WARP ? -HC_EINVAL : hc_block_pread(handle, mine, bytes, (hc_i64)at);",
    check="""
        bench_check(&b, r, (hc_i64)bytes);
        at = (at + (hc_u64)hc_local_id() * (hc_u64)payload) / 8u;
        if (r == (hc_i64)bytes && (words[0] != at || words[payload / 8 - 1] != at + (hc_u64)payload / 8u - 1u))
            b.wrong++;
    """,
)

CLOCK = Source(
    before="#include <time.h>",
    prepare="struct timespec ts;\nint r;",
    call="r = clock_gettime(CLOCK_MONOTONIC, &ts);",
    check="{" + _CLOCK_CHECK + "}",
)

READ_AT = Source(
    before="#include <hostcall.h>",
    prepare=f"""
        {_OWN_BUFFER}
        hc_request all[8];
        int k, many = payload < 64 ? 1 : 8;
        hc_u64 each = (hc_u64)payload / (8u * (hc_u64)many) * 8u, places = extent / each;
        hc_i64 r;
        for (k = 0; k < many; k++) {{
            all[k].base = mine + each * (hc_u64)k;
            all[k].bytes = each;
            all[k].offset = (hc_i64)(((hc_u64)(n * 8u + (hc_u32)k) * 2654435761u + b.thread) % places * each);
            all[k].result = 0;
        }}
    """,
    call="r = hc_read_at(handle, all, (hc_u32)many);",
    check="""
        bench_check(&b, r, many);
        for (k = 0; k < many && r == many; k++) {
            HC_GLOBAL const hc_u64 *words = (HC_GLOBAL const hc_u64 *)all[k].base;
            hc_u64 at = (hc_u64)all[k].offset / 8u;
            if (all[k].result != (hc_i64)each || words[0] != at) b.wrong++;
            else if (words[each / 8u - 1u] != at + each / 8u - 1u) b.wrong++;
        }
    """,
)

PYSERVICE = Source(
    prepare="hc_u32 in[2];\nhc_i64 r;\nin[0] = b.thread;\nin[1] = n;",
    call='r = hc_call("bench-add", in, 8, buffer, 0);',
    check="bench_check(&b, r, (hc_i64)b.thread + (hc_i64)n);",
)

# ``extent`` is the length of the silence, in ticks of the counter.
SILENCE = Source(
    prepare="""
        hc_i64 r;
        hc_u64 quiet = hc_cycles();
        while (hc_cycles() - quiet < extent) {}
    """,
    call=NOOP.call,
    check=NOOP.check,
)

APART = Source(
    prepare="hc_i64 r = 0;\nint k;",
    call="""
        for (k = 0; k < lanes; k++)
            if (b.lane == (hc_u32)k) r = hc_call_words(HC_OP_NOP, 2, (hc_i64)b.warp, (hc_i64)n, 0, 0);
        hc_warp_sync(b.mask);
    """,
    check=NOOP.check,
)

OPEN = Source(
    before="#include <errno.h>\n#include <fcntl.h>\n#include <unistd.h>",
    prepare="int fd, r;",
    call='fd = open("bench.in", O_RDONLY);\nr = fd < 0 ? -errno : close(fd) ? -errno : 0;',
    check="bench_check(&b, r, 0);",
)

MIXED = Source(
    before="#include <errno.h>\n#include <time.h>\n#include <unistd.h>\n#include <hostcall.h>" + _POST,
    prepare="struct timespec ts;\nhc_i64 r;",
    call="""
        switch (i & 3) {
        case 0: r = hc_call_words(HC_OP_NOP, 2, (hc_i64)b.thread, (hc_i64)n, 0, 0); break;
        case 1: r = bench_post(b.thread + n); break;
        case 2: r = (hc_i64)write(1, buffer + (hc_u64)(b.thread % 64u) * (hc_u64)payload, (hc_size)payload); break;
        default: r = clock_gettime(CLOCK_MONOTONIC, &ts); break;
        }
    """,
    check="""
        switch (i & 3) {
        case 0: bench_check(&b, r, (hc_i64)b.thread + (hc_i64)n); break;
        case 2: bench_check(&b, r < 0 ? -(hc_i64)errno : r, payload); break;
        default: bench_check(&b, r, 0); break;
        }
    """,
)

# -- calls that the device answers itself

TIMER = Source(
    prepare="hc_u64 now;",
    call="now = hc_timer_ns();\nif (!now) b.wrong++;",
    check="if (now < b.last) b.wrong++;\nb.last = now;",
)
"""The bare timer: what `CLOCK` is compared with. Looking at the value makes the lane wait for it."""

GETENV = Source(
    before="#include <stdlib.h>",
    prepare="HC_GLOBAL char *path;",
    call='path = getenv("PATH");',
    check="if (!path || !path[0]) b.wrong++;",
)

SNPRINTF = Source(
    before="#include <stdio.h>",
    prepare="char text[48];\nint length;",
    call=r'length = snprintf(text, sizeof text, "%d %u %s\n", -7, n % 10u, "word");',
    check="""
        bench_check(&b, length, 10);
        if (text[0] != '-' || text[1] != '7' || text[3] != (char)('0' + n % 10u) || text[8] != 'd') b.wrong++;
    """,
)

SHELF_WORDS = 8
"""The buffer of `MALLOC` begins with as many words, then comes a place per lane. The words: lanes that are done,
damaged blocks, bad frees, bytes that stay allocated; and, as all lanes were done, bytes in blocks and their chunks."""

_BLOCKS = r"""
/* 16 bytes to 4 KiB, each doubling as often as the next. */
HC_FN hc_u32 bench_block_size(hc_u64 random) {
    hc_u32 size = 1u + (hc_u32)(random >> 8) % (16u << (hc_u32)(random % 9u));
    return size < 16u ? 16u : size;
}
HC_FN hc_u64 bench_random(hc_u32 thread, hc_u32 n) {
    hc_u64 x = (((hc_u64)thread << 32) | n) * 0x9e3779b97f4a7c15ul + 0x7f4a7c15ul;
    x = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9ul;
    return x ^ (x >> 32);
}
/* Size and tag at the block's start, the tag again in its last whole word. */
HC_FN void bench_block_write(HC_GLOBAL hc_u64 *block, hc_u32 size, hc_u64 tag) {
    block[0] = (tag & ~0xfffful) | size;
    block[1] = tag;
    if (size >= 24u) block[size / 8u - 1u] = ~tag;
}
HC_FN hc_u32 bench_block_read(HC_GLOBAL const hc_u64 *block) {
    hc_u32 size = (hc_u32)block[0] & 0xffffu;
    hc_u64 tag = block[1];
    if ((block[0] ^ tag) >> 16 || size < 16u || size > 4096u) return 0;
    return size < 24u || block[size / 8u - 1u] == ~tag ? size : 0;
}
"""

_MALLOC_END = """
    /* The last warp to be done takes down what still lies on the shelf. */
    HC_GLOBAL hc_u64 *words = (HC_GLOBAL hc_u64 *)buffer;
    hc_u32 callers = (hc_u32)hc_thread_count() / BENCH_WARP * (hc_u32)lanes, done = 0, at;
    hc_fence_dev();
    hc_warp_sync(b.mask);
    if (b.lane == 0) done = (hc_u32)hc_dev_add64((hc_u64)(hc_size)words, (hc_u64)lanes) + (hc_u32)lanes;
    done = hc_shfl32(b.mask, done, 0);
    if (done != callers) return;
    hc_fence_dev();
    BENCH_HELD
    for (at = b.lane; at < callers; at += (hc_u32)lanes) {
        hc_u64 block = hc_dev_exch64((hc_u64)(hc_size)(words + 8u + at), 0);
        hc_u32 size;
        if (!block) continue;
        size = bench_block_read(HC_AT(const hc_u64, block));
        if (!size) hc_dev_add64((hc_u64)(hc_size)(words + 1), 1);
        hc_dev_add64((hc_u64)(hc_size)(words + 4), size);
        free(HC_AT(void, block));
    }
    hc_warp_sync(b.mask);
    BENCH_LEFT
    if (b.lane == 0) words[0] = 0;
"""

_MALLOC_OURS = """
#define BENCH_HELD hc_u64 base, bytes; hc_heap_where(&base, &bytes); \\
    if (b.lane == 0) { words[4] = 0; words[5] = hc_dev_load64(base + HC_HEAP_STAT_HELD); } hc_warp_sync(b.mask);
#define BENCH_LEFT if (b.lane == 0) { \\
    words[2] += hc_dev_load64(base + HC_HEAP_STAT_BAD_FREES); words[3] = hc_heap_live(base, bytes); }
"""


def _malloc(before: str) -> Source:
    return Source(
        before=before + _BLOCKS,
        prepare="""
            hc_u64 random = bench_random(b.thread, n);
            hc_u32 callers = (hc_u32)hc_thread_count() / BENCH_WARP * (hc_u32)lanes, size = bench_block_size(random);
            HC_GLOBAL hc_u64 *place = (HC_GLOBAL hc_u64 *)buffer + 8u + (hc_u32)(random >> 40) % callers;
            HC_GLOBAL hc_u64 *block;
            hc_u64 old;
            int sound = 1;
        """,
        call="""
            block = (HC_GLOBAL hc_u64 *)malloc(size);
            if (block) bench_block_write(block, size, random);
            hc_fence_dev();
            old = hc_dev_exch64((hc_u64)(hc_size)place, (hc_u64)(hc_size)block);
            if (old) {
                hc_fence_dev();
                sound = bench_block_read(HC_AT(const hc_u64, old)) != 0;
                free(HC_AT(void, old));
            }
        """,
        check="""
            bench_check(&b, block ? 0 : -12, 0);
            if (!sound) b.wrong++;
        """,
        after=_MALLOC_END,
    )


MALLOC = _malloc("#include <stdlib.h>" + _MALLOC_OURS)
"""A lane's block goes on a shelf; what lay there, another lane's as a rule, is checked and freed."""

MALLOC_CUDA = _malloc("#define BENCH_HELD\n#define BENCH_LEFT\n")
"""The same with CUDA's own allocator: without <stdlib.h>, malloc and free are CUDA's."""

FILES = r"""
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* The descriptor table belongs to the runtime, so that one launch opens what the next ones use. */
HC_KERNEL void bench_open(HC_GLOBAL int *out, int writing) {
    int fd = writing ? open("bench.out", O_WRONLY | O_CREAT | O_TRUNC, 0600) : open("bench.in", O_RDONLY);
    out[0] = fd < 0 ? -errno : fd;
}
HC_KERNEL void bench_close(HC_GLOBAL int *out, int fd) { out[0] = close(fd) ? -errno : 0; }
"""
"""Kernels that open and close the file of ``write-file`` and ``read``."""
