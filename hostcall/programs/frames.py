# SPDX-License-Identifier: Apache-2.0
"""Local variables that threads may see, for targets whose lanes cannot reach each other's stacks.

``pthread_create(&id, NULL, work, &arguments[i])`` with an array of the caller is how most programs start threads. On a
GPU the address of a lane's stack means the reader's own stack everywhere else. So in functions that start threads
themselves, locals whose address goes anywhere are taken from the heap, and given back where the function returns:
:func:`share` does that to the text of a module in LLVM's language, before any optimisation. All other functions stay as
they are, and what they pass on is refused by ``pthread_create`` with EFAULT.
"""

from __future__ import annotations

import re

from .tls import functions

__all__ = ["STARTERS", "share"]

#: What makes a function one whose locals others may see.
STARTERS = ("pthread_create", "thrd_create")
_STARTS = re.compile(rf"\bcall [^@]*@(?:{'|'.join(STARTERS)})\(")
_SLOT = re.compile(r"^(\s+)(%[-$.\w]+) = alloca (.+?), align (\d+)(.*)$")
# What clang packs the arguments of a variadic call into: read before the call returns, by nobody else.
_PACKED = re.compile(r"%(?!struct\.|union\.)[\w$]+_args(?:\.\d+)?")
_TAKE, _GIVE = "__hc_locals_take", "__hc_locals_give"


def _escapes(name: str, body: list[str]) -> bool:
    """Whether the address is used for more than to load and to store there."""
    token = re.compile(rf"{re.escape(name)}(?![-$.\w])")
    for line in body:
        if not token.search(line) or re.match(rf"\s+{re.escape(name)} = alloca |\s+#dbg_|.*@llvm\.lifetime\.", line):
            continue
        where = rf"ptr {re.escape(name)}, align"
        if re.match(rf"\s+%\S+ = load (?:volatile )?[^%@]+, {where}", line):
            continue
        stored = re.match(rf"\s+store (?:volatile )?(.*), {where}", line)
        if stored is None or token.search(stored[1]):
            return True
    return False


def _shared(body: list[str]) -> list[str]:
    """The body of a function that starts threads, with its locals on the heap."""
    slots = [match for match in map(_SLOT.match, body) if match and ", " not in _outside(match[3])]
    slots = [match for match in slots if not _PACKED.fullmatch(match[3])]
    moved = {match[2]: match for match in slots if _escapes(match[2], body)}
    if not moved:
        return body
    names = re.compile(f"(?:{'|'.join(re.escape(name) for name in moved)})(?![-$.\\w])")
    made: list[str] = []
    for line in body:
        slot = _SLOT.match(line)
        if slot is not None and slot[2] in moved:
            size = f"i64 ptrtoint (ptr getelementptr ({slot[3]}, ptr null, i64 1) to i64)"
            made.append(f"{slot[1]}{slot[2]} = call ptr @{_TAKE}({size}, i64 {slot[4]})")
        elif names.search(line) and re.match(r"\s+#dbg_|.*@llvm\.lifetime\.", line):
            continue
        elif re.match(r"\s+ret ", line):
            made += [f"  call void @{_GIVE}(ptr {name})" for name in moved]
            made.append(line)
        else:
            made.append(line)
    return made


def _outside(text: str) -> str:
    """What of a type stands in no bracket."""
    while (shorter := re.sub(r"\[[^][]*\]|\{[^{}]*\}|<[^<>]*>|\"[^\"]*\"", "", text)) != text:
        text = shorter
    return text


def share(text: str) -> str:
    """Move locals of functions that start threads to where every thread reaches them.

    Parameters
    ----------
    text : str
        A module in LLVM's language, not optimised yet.

    Returns
    -------
    str
        The module, the same text if none of its functions starts a thread.
    """
    if not _STARTS.search(text):
        return text
    made: list[str] = []
    for head, body in functions(text):
        made.append(head)
        made += _shared(body) if any(_STARTS.search(line) for line in body) else body
    made.append(f"\ndeclare ptr @{_TAKE}(i64, i64) nounwind\ndeclare void @{_GIVE}(ptr) nounwind\n")
    return "\n".join(made)
