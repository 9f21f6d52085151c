# SPDX-License-Identifier: Apache-2.0
"""Families of programs about files: random operations on streams, descriptors and folders, made from seeds."""

from __future__ import annotations

import random
from collections.abc import Iterator

from generate_text import c_string, program

__all__ = ["file_families"]

_MODES = ("r", "w", "a", "r+", "w+", "a+")
_BUFFERS = {
    "default": [],
    "none": ["setvbuf(f, NULL, _IONBF, 0);"],
    "line": ["setvbuf(f, NULL, _IOLBF, 64);"],
    "tiny": ["static char room[7];", "setvbuf(f, room, _IOFBF, sizeof room);"],
}
_START = "line one\nline two is longer\n\nline four\x00with a NUL\nthe last line has no end"


class _Stream:
    """What C wants between reading and writing the same stream, kept while operations are drawn."""

    def __init__(self, draw: random.Random, mode: str) -> None:
        self.draw = draw
        self.reads = mode in ("r", "r+", "w+", "a+")
        self.writes = mode != "r"
        self.last = ""  # "read" or "write" since the last change of position
        self.pushed = False

    def operation(self) -> list[str]:
        """Draw one operation, with the seek before it that C demands."""
        draw = self.draw
        kinds = (
            ["seek", "tell", "state"]
            + ["read"] * 3 * self.reads
            + ["write"] * 3 * self.writes
            + ["flush"] * (self.last != "read")
        )
        kind = draw.choice(kinds)
        lines = []
        if kind in ("read", "write"):
            if self.last and self.last != kind:
                lines.append("I(fseek(f, 0, SEEK_CUR));")
                self.pushed = False
            self.last = kind
        return lines + getattr(self, f"_{kind}")()

    def _read(self) -> list[str]:
        draw = self.draw
        kind = draw.choice(["fgetc", "fgetc", "fread", "fgets", "getline", "ungetc"])
        if kind == "fgetc":
            lines = ["I(fgetc(f));"]
        elif kind == "fread":
            size, count = draw.choice([(1, draw.randrange(1, 40)), (3, draw.randrange(1, 9))])
            lines = [f"n = fread(part, {size}, {count}, f);", "I(n);", f"B(part, n * {size});"]
        elif kind == "fgets":
            lines = [f"I((r = fgets(part, {draw.randrange(2, 30)}, f)) != NULL);", "if (r != NULL) S(part);"]
        elif kind == "getline":
            lines = ["I(length = getline(&line, &line_room, f));", "if (length > 0) B(line, (size_t)length);"]
        else:
            lines = [f"c = fgetc(f); I(c); if (c != EOF) I(ungetc({draw.choice(['c', repr(ord('!'))])}, f));"]
            self.pushed = True
            return [*lines, "I(fgetc(f));"] if draw.randrange(2) else lines
        self.pushed = False
        return lines

    def _write(self) -> list[str]:
        draw = self.draw
        text = "".join(draw.choices("ABCDEFGH\n", k=draw.randrange(1, 30)))
        return [
            draw.choice(
                [
                    f"I(fputc({draw.randrange(256)}, f));",
                    f"I(fputs({c_string(text)}, f) >= 0);",
                    f"I(fwrite({c_string(text)}, 1, {len(text)}, f));",
                    f'I(fprintf(f, "%d:%s;", {draw.randrange(10**6)}, {c_string(text[:5])}));',
                ]
            )
        ]

    def _seek(self) -> list[str]:
        draw = self.draw
        self.last = ""
        self.pushed = False
        return [
            draw.choice(
                [
                    f"X(fseek(f, {draw.randrange(90)}, SEEK_SET));",
                    f"X(fseek(f, {draw.randrange(-10, 10)}, SEEK_CUR));",
                    f"X(fseek(f, {draw.randrange(-70, 5)}, SEEK_END));",
                    "rewind(f);",
                ]
            )
        ]

    def _tell(self) -> list[str]:
        # A position before the start is free after a push back at 0.
        return ["I(feof(f) != 0);"] if self.pushed else ["I(ftell(f));"]

    def _state(self) -> list[str]:
        return [self.draw.choice(["I(feof(f) != 0);", "I(ferror(f) != 0);", "clearerr(f);"])]

    def _flush(self) -> list[str]:
        return ["I(fflush(f));"]


def _streams() -> Iterator[tuple[str, str]]:
    for mode in _MODES:
        for buffer, lines in _BUFFERS.items():
            for seed in range(2):
                draw = random.Random(f"stream {mode} {buffer} {seed}")
                stream = _Stream(draw, mode)
                body = [
                    f"make_start({len(_START)});",
                    f'FILE *f = fopen("a", "{mode}");',
                    "char part[64], *r, *line = NULL;",
                    "size_t n, line_room = 0;",
                ]
                body += ["ssize_t length;", "int c;", *lines, "(void)part; (void)r; (void)n; (void)length; (void)c;"]
                for _ in range(60):
                    body += stream.operation()
                body += ["I(fclose(f));", "free(line);"]
                start = (
                    "static void make_start(size_t n) {\n"
                    f'    FILE *f = fopen("a", "w");\n    fwrite({c_string(_START)}, 1, n, f);\n    fclose(f);\n}}\n'
                )
                name = f"stream-{mode.replace('+', '-plus')}-{buffer}-{seed}"
                yield (
                    name,
                    program(
                        f'Operations on a stream opened by "{mode}", buffer: {buffer}, seed {seed}.', body, before=start
                    ),
                )


def _descriptors() -> Iterator[tuple[str, str]]:
    for name, flags in (
        ("read-write", "O_RDWR"),
        ("append", "O_RDWR | O_APPEND"),
        ("truncate", "O_RDWR | O_TRUNC"),
        ("write-only", "O_WRONLY"),
        ("read-only", "O_RDONLY"),
    ):
        for seed in range(3):
            draw = random.Random(f"descriptor {name} {seed}")
            body = [
                'make_file("a", "0123456789abcdefghijklmnopqrstuvwxyz");',
                f'int fd = open("a", {flags}), other = dup(fd);',
                "char part[64];",
                "ssize_t n;",
                "struct stat st;",
            ]
            for _ in range(50):
                size, at, fd = draw.randrange(1, 30), draw.randrange(60), draw.choice(["fd", "fd", "other"])
                text = c_string("".join(draw.choices("XYZxyz", k=size)))
                body += draw.choice(
                    [
                        [f"X(n = read({fd}, part, {size}));", "if (n > 0) B(part, (size_t)n);"],
                        [f"X(n = pread({fd}, part, {size}, {at}));", "if (n > 0) B(part, (size_t)n);"],
                        [f"X(write({fd}, {text}, {size}));"],
                        [f"X(pwrite({fd}, {text}, {size}, {at}));"],
                        [f"X(lseek({fd}, {at - 30}, SEEK_CUR));"],
                        [f"X(lseek({fd}, {at}, SEEK_SET));"],
                        [f"X(lseek({fd}, {-at}, SEEK_END));"],
                        [f"X(ftruncate({fd}, {at}));"],
                        ["X(fstat(fd, &st));", "I(st.st_size);"],
                    ]
                )
            body += ["I(close(fd));", "I(close(other));"]
            yield (
                f"descriptor-{name}-{seed}",
                program(
                    f"Operations on a descriptor ({name}), seed {seed}.", body, heads="fcntl.h sys/stat.h unistd.h"
                ),
            )


def _folders() -> Iterator[tuple[str, str]]:
    """Names made, moved, linked and removed; a small world, so that they meet."""
    names = ["a", "b", "c", "d/a", "d/b", "e/f/a", "./d", "d/../e", "e/f", "none/x", "d/", "e//f/b"]
    for seed in range(8):
        draw = random.Random(f"folders {seed}")
        body = ["struct stat st;", "int fd;", 'X(mkdir("d", 0755));']
        for _ in range(70):
            one, two = draw.choice(names), draw.choice(names)
            body += draw.choice(
                [
                    [f'X(mkdir("{one}", 0755));'],
                    [f'X(rmdir("{one}"));'],
                    [f'X(unlink("{one}"));'],
                    [f'X(rename("{one}", "{two}"));'],
                    [f'X(link("{one}", "{two}"));'],
                    [f'X(symlink("{one.rstrip("/").split("/")[-1]}", "{two}"));'],
                    [
                        f'fd = open("{one}", O_WRONLY | O_CREAT{draw.choice([" | O_EXCL", " | O_TRUNC", ""])}, 0644);',
                        'if (fd < 0) printf("open: errno %d\\n", errno);',
                        f"else {{ I(write(fd, {c_string(one + str(seed))}, {len(one) + 1})); close(fd); }}",
                    ],
                    [
                        f'X(stat("{one}", &st));',
                        'if (errno == 0) printf("%o %ld ", st.st_mode, (long)st.st_nlink);',
                        "if (errno == 0) I(S_ISDIR(st.st_mode) ? 0 : (long)st.st_size);",
                    ],
                    [
                        f'X(lstat("{one}", &st));',
                        'if (errno == 0) printf("%o %ld\\n", st.st_mode, S_ISDIR(st.st_mode) ? 0 : (long)st.st_size);',
                    ],
                    [f'X(access("{one}", {draw.choice(["F_OK", "R_OK", "W_OK"])}));'],
                    [f'X(truncate("{one}", {draw.randrange(20)}));'],
                ]
            )
        yield (
            f"folders-{seed}",
            program(f"Names made, moved and removed, seed {seed}.", body, heads="fcntl.h sys/stat.h unistd.h"),
        )


def file_families() -> Iterator[tuple[str, str]]:
    """Give all programs: name and source."""
    for family in (_streams, _descriptors, _folders):
        yield from family()
