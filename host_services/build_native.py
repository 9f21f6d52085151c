# SPDX-License-Identifier: Apache-2.0
"""Builds the extension ``hostcall._native`` with cffi.

What Python sees is cut out of the C headers themselves, so that there is one declaration of each thing; the C compiler
checks every layout again. Paths are relative to setup.py; tools/build_dev.sh builds in place, into ``hostcall/``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from cffi import FFI

ROOT = Path(__file__).resolve().parent.parent
CHANNEL = ROOT / "libc_facade" / "include" / "hc" / "channel.h"
SERVER = ROOT / "host_services" / "server.h"

CONSTANTS = re.compile(
    r"^#define (HC_(?:OP|POST|FLAG|ABORT|CTL|CNT|PAY|STREAM)_\w+|HC_MAGIC|HC_ABI_VERSION|HC_SEQ_MASK"
    r"|HC_WORD|HC_PAGE|HC_BELL_GROUP|HC_COUNTERS|HC_CONTROL_BYTES|HC_ORDER_ENTRIES|HC_LIMBO_ENTRIES|HC_BLOCK_PLACES"
    r"|HC_FILES|HC_FILES_FORGET"
    r"|HC_MAX_(?:ARGS|POLLERS|RANGES|RECORD_WORDS)) ",
    re.MULTILINE,
)


def structs(text: str, names: tuple[str, ...]) -> str:
    """Give the definitions of the named structs."""
    found = []
    for name in names:
        match = re.search(rf"typedef struct {name} \{{.*?^\}} {name};", text, re.MULTILINE | re.DOTALL)
        if match is None:
            raise SystemExit(f"build_native.py: struct {name} is not in the headers")
        found.append(match.group(0))
    return "\n".join(found)


def declarations() -> str:
    """Give the cdef text: constants, structs and functions of the surface for Python."""
    channel, server = CHANNEL.read_text(encoding="utf-8"), SERVER.read_text(encoding="utf-8")
    surface = server.partition("surface for Python (cffi)")[2].partition("*/\n")[2].rpartition("#endif")[0]
    if "hc_lanes_destroy" not in surface:
        raise SystemExit("build_native.py: server.h has no part for Python")
    abort = re.search(r"^void hc_server_abort\(.*?\);", server, re.MULTILINE | re.DOTALL)
    assert abort is not None
    parts = [
        "typedef unsigned char hc_u8; typedef unsigned short hc_u16; typedef unsigned int hc_u32;",
        "typedef unsigned long long hc_u64; typedef int hc_i32; typedef long long hc_i64;",
        "typedef struct hc_server hc_server; typedef struct hc_host_lane hc_host_lane;",
        *(f"#define {name} ..." for name in dict.fromkeys(CONSTANTS.findall(channel))),
        structs(channel, ("hc_range", "hc_stream", "hc_client", "hc_geometry", "hc_layout")),
        "void hc_layout_compute(const hc_geometry *geometry, hc_layout *layout);",
        abort.group(0),
        surface,
    ]
    text = "\n".join(parts)
    return text.replace("[HC_MAX_LANES]", "[...]").replace("[HC_STREAM_OWN]", "[...]")


ffibuilder = FFI()
ffibuilder.cdef(declarations())
ffibuilder.set_source(
    "hostcall._native",
    """
#include "server.h"
static void hc_layout_compute(const hc_geometry *geometry, hc_layout *layout) { hc_layout_of(geometry, layout); }
_Static_assert(sizeof(void *) == 8, "a channel's addresses are 64 bits");
_Static_assert(sizeof(hc_geometry) == 48 && sizeof(hc_range) == 32, "hc_geometry, hc_range");
_Static_assert(sizeof(hc_server_options) == sizeof(hc_geometry) + 5 * 8 + 8 * 4 + 17 * 8,
               "hc_server_options has no padding");
_Static_assert(sizeof(hc_server_counts) % 8 == 0, "hc_server_counts is all 64-bit");
_Static_assert(sizeof(hc_service_count) == 8 + 6 * 8 + 24, "hc_service_count has no padding");
_Static_assert(offsetof(hc_python_item, lane_bytes) == 48, "hc_python_item has no padding before lane_bytes");
""",
    sources=sorted(
        f"host_services/{path.name}" for path in (ROOT / "host_services").glob("*.c") if path.name != "_native.c"
    ),
    # Quote paths: the facade's stdio.h and its like are for kernels and must not hide the system's.
    extra_compile_args=[
        "-std=gnu11",
        "-O2",
        "-pthread",
        "-fvisibility=hidden",
        "-fno-strict-aliasing",
        "-Wall",
        "-Wextra",
        "-iquote",
        "libc_facade/include",
        "-iquote",
        "host_services",
    ],
    extra_link_args=["-pthread", "-ldl"],
    depends=[
        *sorted(f"host_services/{path.name}" for path in (ROOT / "host_services").glob("*.h")),
        *sorted(f"libc_facade/include/hc/{p.name}" for p in (ROOT / "libc_facade" / "include" / "hc").glob("*.h")),
    ],
    py_limited_api=True,
)

if __name__ == "__main__":
    os.chdir(ROOT)
    if Path("setup.py").exists():
        # cffi's own compile() runs setuptools without our package map, which then refuses the top-level folders.
        sys.exit(subprocess.call([sys.executable, "setup.py", "-q", "build_ext", "--inplace", *sys.argv[1:]]))
    ffibuilder.compile(verbose=True)
