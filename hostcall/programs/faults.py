# SPDX-License-Identifier: Apache-2.0
"""What a lane died of, in a sentence: the signal, what was touched, and the line of the source where it stood."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import tempfile
from typing import Any

from .cache import facade_folder
from .image import Image

__all__ = ["describe_fault"]

_SECONDS = 10.0
_MOST = 8

# Of <signal.h>: si_code by signal.
_CODES = {
    (signal.SIGFPE, 1): "division by zero",
    (signal.SIGFPE, 2): "integer overflow",
    (signal.SIGILL, 2): "an instruction that must not be there",
    (signal.SIGBUS, 1): "misaligned address",
    (signal.SIGBUS, 2): "no memory behind this address",
}
_WORDS = {
    signal.SIGSEGV: "segmentation fault",
    signal.SIGBUS: "bus error",
    signal.SIGFPE: "arithmetic fault",
    signal.SIGILL: "illegal instruction",
}


def _base() -> tuple[int, int] | None:
    """Where the program's shared object lies in this process."""
    low = high = 0
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        for row in maps:
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) .*/hostcall-[^/]*\.so(?: \(deleted\))?$", row.rstrip())
            if match:
                low = low or int(match[1], 16)
                high = int(match[2], 16)
    return (low, high) if low else None


def _lines(image: Image, offsets: list[int]) -> list[tuple[str, str]]:
    """Function and place of each offset, by addr2line; empty without it."""
    tool = shutil.which("addr2line") or shutil.which("llvm-addr2line")
    if tool is None or not offsets:
        return []
    with tempfile.NamedTemporaryFile(prefix="hostcall-", suffix=".so") as file:
        file.write(image.code)
        file.flush()
        words = [tool, "-f", "-e", file.name, *(hex(offset) for offset in offsets)]
        try:
            ran = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return []
    rows = ran.stdout.splitlines()
    return [(rows[at], re.sub(r" \(discriminator \d+\)$", "", rows[at + 1])) for at in range(0, len(rows) - 1, 2)]


def _size(count: int) -> str:
    # The guard counts as part of what was asked for.
    kib = (count + 1023) // 1024
    return f"{kib // 1024} MiB" if kib % 1024 == 0 else f"{kib} KiB"


def describe_fault(name: str, fault: Any, image: Image) -> str:
    """Write what is shown when a program dies of a fault.

    Parameters
    ----------
    name : str
        The program's.
    fault : hc_fault *
        What the handler wrote down.
    image : Image
        For its lines.

    Returns
    -------
    str
        One line and, where the places are known, one for each function on the way.
    """
    number = int(fault.signal)
    what = _WORDS.get(signal.Signals(number), f"signal {number}")
    code = _CODES.get((signal.Signals(number), int(fault.code)))
    where = f"lane {fault.thread} (block {fault.block}, lane {fault.lane} of it)"
    if fault.overflow:
        head = f"{name}: stack of {_size(fault.stack_bytes)} used up by {where}; --stack gives more"
    elif code is not None:
        head = f"{name}: {what}: {code}, in {where}"
    elif number in (signal.SIGSEGV, signal.SIGBUS):
        head = f"{name}: {what}: address {int(fault.address):#x} touched by {where}"
    else:
        head = f"{name}: {what} in {where}"
    span = _base()
    if span is None:
        return head
    base, end = span
    counter = int(fault.counter)
    frames = [int(fault.frames[index]) for index in range(int(fault.nframes))]
    if counter in frames:
        frames = frames[frames.index(counter) + 1 :]
    # A return address stands behind its call.
    offsets = [counter - base, *(frame - 1 - base for frame in frames)]
    if not base <= counter < end:
        head += f" (the program jumped to {counter:#x})" if counter == int(fault.address) else ""
    offsets = [offset for offset in offsets if 0 <= offset < end - base]
    own = str(facade_folder())
    rows = []
    for function, place in _lines(image, offsets):
        unknown = place.startswith("??")
        unknown = unknown or place.startswith(":") or place.endswith((":?", ":0"))
        if place.startswith(own) or (unknown and (function == "??" or function.startswith("hc_"))):
            continue
        rows.append(f"  in {function}" if unknown else f"  at {place}, in {function}")
    return "\n".join([head, *rows[:_MOST]])
