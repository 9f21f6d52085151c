# SPDX-License-Identifier: Apache-2.0
"""Families of programs about text: printf, scanf, numbers, strings, sorting, dates. The same ones every time."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator, Sequence

__all__ = ["text_families"]

_FLAGS = ["", "-", "+", " ", "#", "0", "-+", "- ", "-#", "+#", " #", "0+", "0 ", "0#", "0+#", "-+#"]
_INTEGERS = {
    "small": (["hh", "h"], ["0", "1", "-1", "127", "128", "-128", "255", "40000", "-40000", "77777"]),
    "plain": ([""], ["0", "1", "-1", "7", "-42", "12345", "2147483647", "-2147483647 - 1"]),
    "long": (["l", "ll"], ["0L", "-1L", "99L", "9223372036854775807L", "-9223372036854775807L - 1", "1L << 40"]),
    "named": (["j", "z", "t"], ["0L", "5L", "-5L", "1234567890123L", "9223372036854775807L"]),
}
_DOUBLES = {
    "near-one": ["0.0", "-0.0", "1.0", "-1.0", "0.1", "1.5", "2.5", "0.5", "9.995", "9.9999999", "0.99999999999"],
    "large": ["123456789.0", "1e15", "1e16", "1e17", "123456789012345678.0", "1e22", "1e23", "-1.7976931348623157e308"],
    "tiny": ["1e-4", "9.9999e-5", "1e-5", "1.5e-7", "2.2250738585072014e-308", "4.9e-324", "-3e-310"],
    "special": ["1e308 * 10", "-1e308 * 10", "100000.0", "999999.4", "1000000.0", "0.0001", "0.00012345678912"],
}


def c_string(text: str | bytes) -> str:
    """Write text as a C string literal."""
    data = text.encode() if isinstance(text, str) else text
    out = ""
    for byte in data:
        char = chr(byte)
        if char in '"\\?':
            out += "\\" + char
        elif 32 <= byte < 127:
            out += char
        else:
            out += f"\\{byte:03o}"
    return f'"{out}"'


def program(what: str, body: Sequence[str], *, before: str = "", heads: str = "") -> str:
    """Put a program together: what it tests, includes, declarations, and the lines of main."""
    includes = "".join(f"#include <{name}>\n" for name in heads.split())
    comment = f"/* SPDX-License-Identifier: Apache-2.0\n *\n * {what}\n */\n"
    lines = "".join(f"    {line}\n" for line in body)
    return f'{comment}{includes}#include "check.h"\n\n{before}\nint main(void) {{\n{lines}    return 0;\n}}\n'


def _array(kind: str, name: str, values: Sequence[str]) -> str:
    return f"static {kind} {name}[] = {{{', '.join(values)}}};\n"


def _strings(name: str, values: Sequence[str | bytes]) -> str:
    return _array("const char *const", name, [c_string(value) for value in values])


def _count(name: str) -> str:
    return f"(int)(sizeof {name} / sizeof *{name})"


# -- printf


def _printf_loops(
    kind: str, precisions: Sequence[str], conversions: Sequence[str], values: Sequence[str], cast: str
) -> str:
    """Every flag with every width, precision and value; a format a line."""
    return (
        _strings("flags", _FLAGS)
        + _strings("widths", ["", "1", "9", "23"])
        + _strings("precisions", precisions)
        + _strings("conversions", conversions)
        + _array(kind, "values", values)
        + "static void all(void) {\n    char format[32], text[800];\n"
        + "".join(
            f"    for (int {i} = 0; {i} < {_count(name)}; {i}++)\n"
            for i, name in (("f", "flags"), ("w", "widths"), ("p", "precisions"), ("c", "conversions"))
        )
        + "    {\n"
        + '        sprintf(format, "%%%s%s%s%s", flags[f], widths[w], precisions[p], conversions[c]);\n'
        + '        printf("%s", format + 1);\n'
        + f"        for (int v = 0; v < {_count('values')}; v++) {{\n"
        + f"            int n = snprintf(text, sizeof text, format, {cast}values[v]);\n"
        + '            printf(" %d[%s]", n, text);\n        }\n        printf("\\n");\n    }\n}\n'
    )


def _printf() -> Iterator[tuple[str, str]]:
    for conversion in "diuoxX":
        for size, (lengths, values) in _INTEGERS.items():
            kind, cast = ("int", "") if size in ("small", "plain") else ("long", "")
            before = _printf_loops(kind, ["", ".0", ".4"], [length + conversion for length in lengths], values, cast)
            yield (
                f"printf-{conversion}-{size}",
                program(f"%{conversion} of {size} integers.", ["all();"], before=before),
            )
    for conversion in "eEfFgGaA":
        for size, doubles in _DOUBLES.items():
            if conversion in "EFGA" and size in ("large", "tiny"):
                continue
            precisions = ["", ".0", ".1", ".3"] if conversion in "aA" else ["", ".0", ".2", ".17"]
            before = _printf_loops("volatile double", precisions, [conversion], doubles, "")
            yield f"printf-{conversion}-{size}", program(f"%{conversion} of {size} numbers.", ["all();"], before=before)
    before = _printf_loops(
        "const char *const", ["", ".0", ".2", ".9"], ["s"], ['""', '"a"', '"text"', '"longer than width"'], ""
    )
    yield "printf-s", program("%s with all flags.", ["all();"], before=before)
    before = _printf_loops("int", [""], ["c"], ["'a'", "' '", "200"], "")
    yield "printf-c", program("%c with all flags.", ["all();"], before=before)
    yield from _printf_random()


def _printf_random() -> Iterator[tuple[str, str]]:
    """Formats with text and several conversions, as people write them; arguments in registers and on the stack."""
    for seed in range(8):
        draw = random.Random(f"printf {seed}")
        lines = []
        for _ in range(30):
            form, args = "", []
            for _ in range(draw.randrange(1, 14)):
                form += draw.choice(["", " ", ":", "a%%b", "=", "\t"])
                flags = "".join(sorted(set(draw.choices("-+ #0", k=draw.randrange(3)))))
                width = draw.choice(["", "", "3", "12", "*"])
                precision = draw.choice(["", "", ".2", ".7", ".*"])
                args += [str(draw.choice([0, 3, 11, -4, -1])) for star in (width, precision) if "*" in star]
                kind = draw.choice("ddduxolsscfega")
                if kind == "d":
                    args.append(str(draw.randrange(-(1 << 31) + 1, 1 << 31)))
                elif kind in "uxo":
                    args.append(f"{draw.randrange(1 << 32)}u")
                elif kind == "l":
                    kind = "l" + draw.choice(["d", "x", "ld", "lu"])
                    args.append(f"{draw.randrange(-(1 << 62), 1 << 62)}LL")
                elif kind == "s":
                    args.append(c_string("".join(draw.choices("abcXYZ é-", k=draw.randrange(20)))))
                elif kind == "c":
                    if precision == ".*":
                        args.pop()
                    precision = ""
                    args.append(str(draw.randrange(33, 127)))
                else:
                    args.append(
                        repr(draw.choice([draw.uniform(-10, 10), draw.uniform(-1e6, 1e6), 10 ** draw.uniform(-30, 30)]))
                    )
                form += f"%{flags}{width}{precision}{kind}"
            lines.append((form, args))
        body = [f"I(printf({', '.join([c_string(form + chr(10)), *args])}));" for form, args in lines]
        yield f"printf-mixed-{seed}", program(f"Mixed formats, seed {seed}.", body)


def _random_double(draw: random.Random, kind: str) -> float:
    if kind == "bits":
        value: float = struct.unpack("<d", struct.pack("<Q", draw.randrange(0x7FEFFFFFFFFFFFFF)))[0]
        return value
    if kind == "ties":
        return draw.randrange(1 << 20) / (1 << draw.randrange(1, 20))
    if kind == "integers":
        return float(draw.randrange(10 ** draw.randrange(1, 22)))
    if kind == "decimals":
        return draw.randrange(10**6) / 10 ** draw.randrange(1, 7)
    value = struct.unpack("<d", struct.pack("<Q", draw.randrange(1 << 52)))[0]
    return float(value)


def _doubles() -> Iterator[tuple[str, str]]:
    for kind in ("bits", "ties", "integers", "decimals", "subnormals"):
        draw = random.Random(f"doubles {kind}")
        values = [_random_double(draw, kind).hex() for _ in range(60)]
        before = _array("volatile double", "values", values)
        loop = f"for (int i = 0; i < {_count('values')}; i++) {{"
        body = [loop, "    double v = values[i];"]
        body += [
            f'    printf("%{form}\\n", v);'
            for form in (".0f", ".1f", ".3f", "f", ".15e", ".0e", ".17g", "g", ".3g", "a", ".2a")
        ]
        yield f"doubles-{kind}", program(f"Doubles ({kind}) in many forms.", [*body, "}"], before=before)
        body = [loop, "    char text[64];"]
        for digits in (17, 16, 9, 5):
            body += [
                f'    sprintf(text, "%.{digits}g", values[i]);',
                '    printf("%s %a\\n", text, strtod(text, NULL));',
            ]
        yield (
            f"doubles-and-back-{kind}",
            program(f"Doubles ({kind}) written and read back.", [*body, "}"], before=before),
        )


# -- numbers from text


def _number_text(draw: random.Random, digits: str, prefix: Sequence[str]) -> str:
    blank = draw.choice(["", "", " ", "\t\n "])
    sign = draw.choice(["", "", "-", "+", "--"])
    tail = draw.choice(["", "", "x", ".5", " 1", "z9"])
    return blank + sign + draw.choice(prefix) + "".join(draw.choices(digits, k=draw.randrange(24))) + tail


def _strto() -> Iterator[tuple[str, str]]:
    for name, show in (("strtol", "%ld"), ("strtoul", "%lu"), ("strtoll", "%lld"), ("strtoull", "%llu")):
        for base, digits, prefix in (
            (10, "0123456789", [""]),
            (16, "0123456789abcdefABCDEF", ["", "0x", "0X"]),
            (0, "01234567", ["", "0", "0x"]),
            (7, "01234567", [""]),
        ):
            draw = random.Random(f"{name} {base}")
            texts = [_number_text(draw, digits, prefix) for _ in range(70)]
            body = [
                f"for (int i = 0; i < {_count('texts')}; i++) {{",
                "    char *end;",
                "    errno = 0;",
                f"    long long v = (long long){name}(texts[i], &end, {base});",
                "    int e = errno == ERANGE ? errno : 0;",
                f'    printf("%d: {show} %d, %d taken\\n", i, v, e, (int)(end - texts[i]));',
                "}",
            ]
            yield (
                f"{name}-base-{base}",
                program(f"{name} in base {base} on random texts.", body, before=_strings("texts", texts)),
            )


def _decimal_text(draw: random.Random, kind: str) -> str:
    sign = draw.choice(["", "", "-", "+"])
    if kind == "long":
        whole, part = draw.randrange(1, 40), draw.randrange(60)
        text = "".join(draw.choices("0123456789", k=whole)) + "." + "".join(draw.choices("0123456789", k=part))
        return sign + text + draw.choice(["", f"e{draw.randrange(-60, 60)}"])
    if kind == "halfway":
        bits = draw.randrange(1 << 52, 1 << 53) * 2 + 1
        text = str(bits * 2 ** draw.randrange(40))
        return sign + text + draw.choice(["", ".0", ".00000000000000000001", "e0"])
    if kind == "edges":
        return (
            sign
            + f"{draw.uniform(0.9, 9.9):.{draw.randrange(1, 25)}f}"
            + f"e{draw.choice([308, 307, -307, -308, -310, -323, -324, -325])}"
        )
    if kind == "hexadecimal":
        digits = "".join(draw.choices("0123456789abcdef", k=draw.randrange(1, 20)))
        return f"{sign}0x{digits[:3]}.{digits[3:]}p{draw.randrange(-1090, 1020)}"
    return (
        sign
        + draw.choice(["", "0", "1", "12"])
        + draw.choice(["", ".", ".5"])
        + draw.choice(["", "e", "e+", "e-5", "E07", "e5x", "p3", "inf", "nan"])
    )


def _strtod() -> Iterator[tuple[str, str]]:
    for name, convert in (("strtod", ""), ("strtof", "(double)")):
        for kind in ("long", "halfway", "edges", "hexadecimal", "broken"):
            draw = random.Random(f"strtod {kind}")
            texts = [_decimal_text(draw, kind) for _ in range(80)]
            body = [
                f"for (int i = 0; i < {_count('texts')}; i++) {{",
                "    char *end;",
                "    errno = 0;",
                f"    double v = {convert}{name}(texts[i], &end);",
                "    int e = errno;",
                '    if (v != v) printf("%d: nan, %d taken\\n", i, (int)(end - texts[i]));',
                '    else printf("%d: %a %d, %d taken\\n", i, v, e, (int)(end - texts[i]));',
                "}",
            ]
            yield f"{name}-{kind}", program(f"{name} on random texts ({kind}).", body, before=_strings("texts", texts))


# -- scanf

_SCANF = {
    "d": ("int", "%d"),
    "i": ("int", "%d"),
    "u": ("unsigned", "%u"),
    "o": ("unsigned", "%o"),
    "x": ("unsigned", "%x"),
    "hhd": ("signed char", "%hhd"),
    "hd": ("short", "%hd"),
    "ld": ("long", "%ld"),
    "llu": ("unsigned long long", "%llu"),
    "f": ("float", "%a"),
    "lg": ("double", "%a"),
    "3d": ("int", "%d"),
    "5lf": ("double", "%a"),
}
_SCANF_TEXT = {"s": "%s", "4s": "%s", "[a-m0-4]": "%s", "[^;, ]": "%s", "3[xyz]": "%s"}


def _scanf_input(draw: random.Random) -> str:
    return draw.choice(["", " ", "\n"]) + draw.choice(
        [
            "12",
            "-7",
            "+3",
            "0x1F",
            "0",
            "077",
            "08",
            "1e5",
            ".5",
            "-.25e-2",
            "abc",
            "xyz;",
            "12abc",
            "-",
            "+x",
            "0xg",
            "99999999",
            "inf",
            "1.5.2",
            "e1",
            "mmm,4",
            "",
        ]
    )


def _scanf() -> Iterator[tuple[str, str]]:
    for conversion, (kind, show) in _SCANF.items():
        draw = random.Random(f"scanf {conversion}")
        texts = [_scanf_input(draw) + draw.choice(["", " "]) + _scanf_input(draw) for _ in range(80)]
        body = [
            f"for (int i = 0; i < {_count('texts')}; i++) {{",
            f"    {kind} a = 77, b = 78;",
            "    int n = -1;",
            f'    int r = sscanf(texts[i], "%{conversion}%{conversion}%n", &a, &b, &n);',
            f'    printf("%d: %d {show} {show} %d\\n", i, r, a, b, n);',
            "}",
        ]
        name = conversion.replace("[", "set-").replace("]", "")
        yield f"scanf-{name}", program(f"%{conversion} on random texts.", body, before=_strings("texts", texts))
    for index, (conversion, show) in enumerate(_SCANF_TEXT.items()):
        draw = random.Random(f"scanf {conversion}")
        texts = [_scanf_input(draw) + draw.choice(["", " ", ";"]) + _scanf_input(draw) for _ in range(80)]
        body = [
            f"for (int i = 0; i < {_count('texts')}; i++) {{",
            '    char a[64] = "-", b[64] = "-";',
            "    int n = -1;",
            f'    int r = sscanf(texts[i], "%{conversion}%*c%{conversion}%n", a, b, &n);',
            f'    printf("%d: %d {show} {show} %d\\n", i, r, a, b, n);',
            "}",
        ]
        yield f"scanf-text-{index}", program(f"%{conversion} on random texts.", body, before=_strings("texts", texts))
    yield from _scanf_streams()


def _scanf_streams() -> Iterator[tuple[str, str]]:
    """Conversions from a file, each followed by the byte that the next reader finds."""
    forms = [("%d", "int", "%d"), ("%x", "unsigned", "%x"), ("%lf", "double", "%a"), ("%i", "int", "%d")]
    for seed in range(6):
        draw = random.Random(f"fscanf {seed}")
        text = "".join(_scanf_input(draw) + draw.choice([" ", ",", "\n", ""]) for _ in range(150))
        body = [f'make_file("a", {c_string(text)});', 'FILE *f = fopen("a", "r");', "int more = 1, rounds = 0;"]
        if seed % 2:
            body.append(f"setvbuf(f, NULL, _IOFBF, {draw.choice([1, 2, 7, 16])});")
        body.append("while (more && rounds++ < 200) {")
        for _ in range(8):
            form, kind, show = draw.choice(forms)
            body += [
                f"    {{ {kind} v = 7; int r = fscanf(f, {c_string(draw.choice(['', ' ', ',']) + form)}, &v);",
                "      long at = ftell(f); int c = fgetc(f);",
                f'      printf("%d {show} at %ld, then %d\\n", r, v, at, c); more = c != EOF;',
                "      if (c != EOF && (c == '-' || c == '+' || c == 'e')) ungetc(' ', f); }",
                "    if (!more) break;",
            ]
        body += ["}", "I(feof(f) != 0);", "fclose(f);"]
        yield f"fscanf-stream-{seed}", program(f"What fscanf leaves in the stream, seed {seed}.", body)


# -- strings, sorting, dates, options

_STRING_CALLS = {
    "strstr": ("char *r = strstr(a, b);", '"%d", r ? (int)(r - a) : -1'),
    "strspn": ("int r = (int)strspn(a, b);", '"%d", r'),
    "strcspn": ("int r = (int)strcspn(a, b);", '"%d", r'),
    "strpbrk": ("char *r = strpbrk(a, b);", '"%d", r ? (int)(r - a) : -1'),
    "strcmp": ("int r = strcmp(a, b);", '"%d", (r > 0) - (r < 0)'),
    "strncmp": ("int r = strncmp(a, b, 3);", '"%d", (r > 0) - (r < 0)'),
    "strcasecmp": ("int r = strcasecmp(a, b);", '"%d", (r > 0) - (r < 0)'),
    "strtok_r": ("char t[64], *s; strcpy(t, a); char *r = strtok_r(t, b, &s);", '"%s|%s", r ? r : "-", r ? s : ""'),
    "strncat": ("char t[64] = {0}; strcpy(t, b); strncat(t, a, 5); int r = (int)strlen(t);", '"%d %s", r, t'),
    "strncpy": ("char t[64]; memset(t, '#', 63); t[63] = 0; strncpy(t, a, 7); int r = t[6];", '"%d %s", r, t + 7'),
    "memmem": ("char *r = memmem(a, strlen(a), b, strlen(b));", '"%d", r ? (int)(r - a) : -1'),
    "strrchr": ("char *r = strrchr(a, b[0]);", '"%d", r ? (int)(r - a) : -1'),
    "memcmp": (
        "size_t n = strlen(a) < strlen(b) ? strlen(a) : strlen(b); int r = memcmp(a, b, n);",
        '"%d", (r > 0) - (r < 0)',
    ),
    "strsep": ("char t[64], *s = t; strcpy(t, a); char *r = strsep(&s, b);", '"%s|%s", r, s ? s : "-"'),
}


def _string_calls() -> Iterator[tuple[str, str]]:
    for name, (call, show) in _STRING_CALLS.items():
        draw = random.Random(f"string {name}")
        texts = ["".join(draw.choices("abAB,", k=draw.randrange(25))) for _ in range(60)]
        needles = ["".join(draw.choices("abAB,", k=draw.randrange(1, 4))) for _ in range(12)] + [""]
        before = _strings("texts", texts) + _strings("needles", needles)
        body = [
            f"for (int i = 0; i < {_count('texts')}; i++) {{",
            f"    for (int k = 0; k < {_count('needles')}; k++) {{",
        ]
        body += [
            "        const char *a = texts[i], *b = needles[k];",
            f"        {call}",
            f"        printf({show});",
            '        printf(" ");',
            "    }",
        ]
        body += ['    printf("\\n");', "}"]
        yield f"string-{name}", program(f"{name} on random texts.", body, before=before, heads="strings.h")


def _sorting() -> Iterator[tuple[str, str]]:
    for size in (1, 2, 3, 4, 8, 12, 24, 100):
        compare = (
            f"static int compare(const void *a, const void *b) {{ return memcmp(a, b, {size}); }}\n"
            f"static unsigned char v[700 * {size}];\n"
        )
        body = [
            "unsigned seed = 3, sum = 0;",
            "for (size_t i = 0; i < sizeof v; i++) {",
            "    seed = seed * 1664525 + 1013904223;",
            "    v[i] = (unsigned char)(seed >> 29);",
            "}",
            f"qsort(v, 700, {size}, compare);",
            "for (int i = 1; i < 700; i++) {",
            f'    if (compare(v + (i - 1) * {size}, v + i * {size}) > 0) printf("disorder at %d\\n", i);',
            "}",
            "for (size_t i = 0; i < sizeof v; i++) sum = sum * 31 + v[i];",
            'printf("%u\\n", sum);',
            f"unsigned char key[{size}];",
            f"memcpy(key, v + 350 * {size}, {size});",
            f"unsigned char *found = bsearch(key, v, 700, {size}, compare);",
            f"I(found != NULL && memcmp(found, key, {size}) == 0);",
        ]
        yield f"qsort-of-{size}", program(f"Elements of {size} bytes sorted and found.", body, before=compare)


def _dates() -> Iterator[tuple[str, str]]:
    for name, low, high in (("recent", 0, 2**31), ("far", 2**31, 200 * 10**9), ("before", -60 * 10**9, 0)):
        draw = random.Random(f"dates {name}")
        moments = [f"{draw.randrange(low, high)}L" for _ in range(80)]
        body = [
            f"for (int i = 0; i < {_count('moments')}; i++) {{",
            "    time_t t = moments[i];",
            "    struct tm tm;",
            "    char text[128];",
            "    gmtime_r(&t, &tm);",
            '    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %a %j %U %W %V %G %u %w", &tm);',
            '    printf("%ld %s %d\\n", (long)t, text, timegm(&tm) == t);',
            "}",
        ]
        yield (
            f"dates-{name}",
            program(
                f"Moments ({name}) as dates and back.",
                body,
                before=_array("const long", "moments", moments),
                heads="time.h",
            ),
        )
    zones = {
        "UTC": "UTC0",
        "EST5EDT": "EST5EDT,M3.2.0,M11.1.0",
        "IST": "IST-5:30",
        "NZ": "NZST-12NZDT,M9.5.0,M4.1.0/3",
        "J": "XXX3YYY,J60,J300",
        "N": "<+01>-1<+03>-3,59/1,299/25",
    }
    for name, zone in zones.items():
        draw = random.Random(f"zone {name}")
        moments = [f"{draw.randrange(1577836800, 1893456000)}L" for _ in range(60)]
        body = [
            f'setenv("TZ", "{zone}", 1);',
            "tzset();",
            f"for (int i = 0; i < {_count('moments')}; i++) {{",
            "    time_t t = moments[i];",
            "    struct tm tm;",
            "    char text[128];",
            "    localtime_r(&t, &tm);",
            '    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %z %Z", &tm);',
            "    tm.tm_isdst = tm.tm_isdst > 0;",
            '    printf("%ld %s %d %d\\n", (long)t, text, tm.tm_isdst, mktime(&tm) == t);',
            "}",
        ]
        yield (
            f"zone-{name}",
            program(
                f"Local times by the rule {zone}.",
                body,
                before=_array("const long", "moments", moments),
                heads="time.h",
            ),
        )


def text_families() -> Iterator[tuple[str, str]]:
    """Give all programs: name and source."""
    for family in (_printf, _doubles, _strto, _strtod, _scanf, _string_calls, _sorting, _dates):
        yield from family()
