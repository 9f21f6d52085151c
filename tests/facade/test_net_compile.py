# SPDX-License-Identifier: Apache-2.0
"""The socket headers compile everywhere without a warning, alone and together, for kernels and for programs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INCLUDE, LIBC = ROOT / "libc_facade" / "include", ROOT / "libc_facade" / "libc"
_SECONDS = 280

HEADERS = {
    "sys/socket.h": "socket socketpair bind listen accept accept4 connect shutdown send recv sendto recvfrom sendmsg "
    "recvmsg getsockopt setsockopt getsockname getpeername",
    "netinet/in.h": "htons ntohs htonl ntohl",
    "netinet/tcp.h": "",
    "arpa/inet.h": "inet_pton inet_ntop inet_addr inet_aton inet_ntoa",
    "netdb.h": "getaddrinfo freeaddrinfo gai_strerror getnameinfo gethostbyname",
    "poll.h": "poll ppoll",
    "sys/poll.h": "poll ppoll",
    "sys/select.h": "select pselect",
    "sys/un.h": "",
}

BASIC = r"""
HC_KERNEL void everything(HC_GLOBAL long *out, HC_GLOBAL char *buffer) {
    long sum = 0;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_storage any;
    struct sockaddr_un path;
    socklen_t bytes = sizeof in;
    struct pollfd fds[2];
    struct linger linger;
    struct timeval limit;
    fd_set set, other;
    int ends[2], one = 1;
    char small[64];
    memset(&in, 0, sizeof in);
    memset(&in6, 0, sizeof in6);
    memset(&path, 0, sizeof path);
    in.sin_family = AF_INET;
    in.sin_port = htons(80);
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    in6.sin6_family = AF_INET6;
    in6.sin6_addr.s6_addr[15] = 1;
    path.sun_family = AF_UNIX;
    path.sun_path[0] = 'a';
    linger.l_onoff = 1;
    linger.l_linger = 0;
    sum += socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP) + bind(3, (struct sockaddr *)&in, sizeof in);
    sum += listen(3, SOMAXCONN) + accept(3, (struct sockaddr *)&any, &bytes) + accept(3, NULL, NULL);
    sum += accept4(3, NULL, NULL, SOCK_CLOEXEC) + connect(3, (const struct sockaddr *)&in6, sizeof in6);
    sum += shutdown(3, SHUT_WR) + socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    sum += send(3, "abc", 3, MSG_NOSIGNAL) + recv(3, small, sizeof small, MSG_PEEK) + send(3, buffer, 10000, 0);
    sum += recv(3, buffer, 10000, MSG_WAITALL) + sendto(3, small, 3, 0, (struct sockaddr *)&path, sizeof path);
    sum += recvfrom(3, small, 3, 0, (struct sockaddr *)&any, &bytes) + recvfrom(3, buffer, 3, 0, NULL, NULL);
    sum += setsockopt(3, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sum += getsockopt(3, SOL_SOCKET, SO_ERROR, &one, &bytes);
    sum += setsockopt(3, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    sum += setsockopt(3, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    sum += getsockname(3, (struct sockaddr *)&in, &bytes) + getpeername(3, (struct sockaddr *)&in, &bytes);
    fds[0].fd = 3;
    fds[0].events = POLLIN | POLLOUT;
    fds[1].fd = -1;
    fds[1].events = 0;
    sum += poll(fds, 2, 100) + fds[0].revents;
    FD_ZERO(&set);
    FD_ZERO(&other);
    FD_SET(3, &set);
    FD_CLR(4, &set);
    limit.tv_sec = 0;
    limit.tv_usec = 5;
    sum += select(4, &set, &other, NULL, &limit) + FD_ISSET(3, &set) + select(4, &set, NULL, NULL, NULL);
    sum += inet_pton(AF_INET, "127.0.0.1", &in.sin_addr) + (long)inet_addr("1.2.3.4") + inet_aton("1", &in.sin_addr);
    sum += inet_ntop(AF_INET6, &in6.sin6_addr, small, sizeof small) != NULL;
    sum += ntohs(1) + (long)ntohl(1);
    out[0] = sum + errno + (long)SUN_LEN(&path) + IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
}
"""
# What OpenCL C has not.
MORE = r"""
HC_KERNEL void more(HC_GLOBAL long *out) {
    long sum = 0;
    struct addrinfo hints, *list = NULL;
    struct msghdr m;
    struct iovec v;
    struct timespec limit;
    struct sockaddr_in in;
    struct hostent *host;
    struct pollfd fds[1];
    char small[64];
    memset(&hints, 0, sizeof hints);
    memset(&m, 0, sizeof m);
    memset(&in, 0, sizeof in);
    v.iov_base = small;
    v.iov_len = 4;
    m.msg_iov = &v;
    m.msg_iovlen = 1;
    limit.tv_sec = 0;
    limit.tv_nsec = 1;
    fds[0].fd = 0;
    fds[0].events = POLLIN;
    sum += sendmsg(3, &m, 0) + recvmsg(3, &m, 0) + ppoll(fds, 1, &limit, NULL);
    sum += pselect(1, NULL, NULL, NULL, &limit, NULL) + getaddrinfo("localhost", "80", &hints, &list);
    freeaddrinfo(list);
    host = gethostbyname("localhost");
    if (host) sum += host->h_length + *host->h_addr;
    sum += *gai_strerror(EAI_NONAME) + h_errno + *inet_ntoa(in.sin_addr);
    sum += getnameinfo((struct sockaddr *)&in, sizeof in, small, sizeof small, NULL, 0, NI_NUMERICHOST);
    sum += in6addr_any.s6_addr[0] + in6addr_loopback.s6_addr[15];
    out[0] = sum + (CMSG_FIRSTHDR(&m) != NULL);
}
"""
PRELUDE = '#include "hostcall.h"\n#include <errno.h>\n#include <string.h>\n#include <sys/uio.h>\n' + "".join(
    f"#include <{name}>\n" for name in HEADERS
)
HOST = r"""
#include <cstdio>
int main() {
    int ends[2];
    char got[4] = "";
    struct in_addr in;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) || send(ends[0], "abc", 4, 0) != 4) return 1;
    if (recv(ends[1], got, 4, 0) != 4) return 1;
    in.s_addr = htonl(INADDR_LOOPBACK);
    return std::puts(inet_ntoa(in)) < 0 || got[2] != 'c';
}
"""


def tool(name: str) -> str:
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_kernels_use_every_function() -> None:
    names = {name for line in HEADERS.values() for name in line.split()}
    assert names - set(re.findall(r"\w+", BASIC + MORE)) == set()


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_alone_declares_its_functions(header: str, tmp_path: Path) -> None:
    source = tmp_path / "one.c"
    uses = "".join(f"    here[{i}] = (unsigned long)&{name};\n" for i, name in enumerate(HEADERS[header].split()))
    source.write_text(
        f"#include <{header}>\nvoid use(unsigned long *here);\n"
        f"void use(unsigned long *here) {{\n{uses}    here[99] = 0;\n}}\n"
    )
    flags = ["-Wall", "-Wextra", "-Werror", "-nostdinc", "-c", str(source), "-o", os.devnull]
    run(tool("gcc"), "-std=gnu11", "-I", str(INCLUDE), *flags)
    for compiler in ("gcc", "clang"):
        for standard in ("c99", "c11", "gnu17"):
            run(tool(compiler), f"-std={standard}", "-pedantic", "-I", str(LIBC), *flags)
    run(tool("g++"), "-std=c++17", "-pedantic", "-I", str(LIBC), *flags)


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_c11_compiles_without_a_warning(compiler: str, level: str, tmp_path: Path) -> None:
    source = tmp_path / "all.c"
    source.write_text(PRELUDE + BASIC + MORE)
    flags = [level, "-nostdinc", "-I", str(INCLUDE), "-Wall", "-Wextra", "-Werror", "-c", str(source), "-o", os.devnull]
    run(tool(compiler), "-std=gnu11", *flags)


# What the machine's own headers say about a name: layouts and numbers are an ABI.
_LAYOUTS = {
    "struct sockaddr": "sa_family sa_data",
    "struct sockaddr_storage": "ss_family",
    "struct sockaddr_in": "sin_family sin_port sin_addr sin_zero",
    "struct sockaddr_in6": "sin6_family sin6_port sin6_flowinfo sin6_addr sin6_scope_id",
    "struct sockaddr_un": "sun_family sun_path",
    "struct in6_addr": "s6_addr",
    "struct linger": "l_onoff l_linger",
    "struct msghdr": "msg_name msg_namelen msg_iov msg_iovlen msg_control msg_controllen msg_flags",
    "struct pollfd": "fd events revents",
    "struct addrinfo": "ai_flags ai_family ai_socktype ai_protocol ai_addrlen ai_addr ai_canonname ai_next",
    "struct hostent": "h_name h_aliases h_addrtype h_length h_addr_list",
    "fd_set": "",
    "sigset_t": "",
}
_NUMBERS = re.compile(
    r"^#define ((?:AF|PF|SOCK|SO|SOL|SHUT|MSG|POLL|IPPROTO|IP|IPV6|TCP|AI|NI|EAI|INADDR|INET)_?\w*) \S", re.MULTILINE
)


def test_a_number_or_a_layout_differs_from_the_machines(tmp_path: Path) -> None:
    texts = [(LIBC / header).read_text() for header in HEADERS]
    texts += [(INCLUDE / "hc" / "codes" / f"{name}.h").read_text() for name in ("socket", "in", "tcp", "netdb", "poll")]
    names = sorted({name for text in texts for name in _NUMBERS.findall(text)})
    assert len(names) > 100
    names.remove("SOMAXCONN")
    lines = [f'    p("{name}", (long)({name}));' for name in names]
    for struct, fields in _LAYOUTS.items():
        lines.append(f'    p("{struct}", (long)sizeof({struct}));')
        lines += [f'    p("{struct}.{f}", (long)__builtin_offsetof({struct}, {f}));' for f in fields.split()]
    body = "\n".join(lines)
    text = "".join(f"#include <{header}>\n" for header in (*HEADERS, "signal.h"))
    said = []
    for index, include in enumerate((["-nostdinc", "-I", str(LIBC)], [])):
        source, program = tmp_path / f"{index}.c", tmp_path / f"p{index}"
        source.write_text(
            f"#define _GNU_SOURCE 1\n{text}int printf(const char *, ...);\n"
            f'static void p(const char *n, long v) {{ printf("%s %ld\\n", n, v); }}\n'
            f"int main(void) {{\n{body}\n    return 0;\n}}\n"
        )
        run(tool("gcc"), "-std=gnu11", *include, str(source), "-o", str(program))
        said.append(run(str(program)).splitlines())
    assert said[0] == said[1]


def test_kernels_and_programs_see_the_same_numbers() -> None:
    for header in HEADERS:
        ours = dict(re.findall(r"^#define (\w+) (\S+)$", (INCLUDE / header).read_text(), re.MULTILINE))
        theirs = dict(re.findall(r"^#define (\w+) (\S+)$", (LIBC / header).read_text(), re.MULTILINE))
        for name in _NUMBERS.findall((LIBC / header).read_text()):
            assert name in ours, f"{header}: {name}"
            if re.fullmatch(r"[0-9a-fx]+", theirs.get(name, "")) and re.fullmatch(r"[0-9a-fx]+", ours[name]):
                assert int(ours[name], 0 if ours[name] != "04000" and ours[name] != "02000000" else 8) == int(
                    theirs[name], 0 if theirs[name] != "04000" and theirs[name] != "02000000" else 8
                ), name


@pytest.mark.slow
@pytest.mark.parametrize("arch", ["sm_75", "sm_90"])
def test_nvrtc_compiles_without_a_warning(arch: str) -> None:
    nvrtc = pytest.importorskip("cuda.bindings.nvrtc", reason="NVRTC is not installed")
    _, program = nvrtc.nvrtcCreateProgram((PRELUDE + BASIC + MORE).encode(), b"all.cu", 0, [], [])
    options = [f"-I{INCLUDE}".encode(), b"-std=c++17", f"-arch={arch}".encode()]
    (status,) = nvrtc.nvrtcCompileProgram(program, len(options), options)
    _, size = nvrtc.nvrtcGetProgramLogSize(program)
    log = bytearray(size)  # never bytes: of one byte there is one object in the process, and this is written to
    nvrtc.nvrtcGetProgramLog(program, log)
    assert log.strip(b"\0 \n").decode() == ""
    assert status == nvrtc.nvrtcResult.NVRTC_SUCCESS


@pytest.mark.slow
def test_nvcc_compiles_both_halves_without_a_warning(tmp_path: Path) -> None:
    nvcc, source, program = tool("nvcc"), tmp_path / "all.cu", tmp_path / "all"
    source.write_text(PRELUDE + BASIC + MORE + HOST)
    options = ["-arch=sm_90", "-std=c++17", "-Werror", "all-warnings", "-I", str(INCLUDE)]
    assert run(nvcc, *options, "-c", str(source), "-o", f"{program}.o") == ""
    run(nvcc, "-arch=sm_90", f"{program}.o", "-o", str(program))
    assert run(str(program)) == "127.0.0.1\n"


@pytest.mark.opencl
def test_opencl_c_builds_without_a_warning() -> None:
    import pyopencl as cl

    device = cl.get_platforms()[0].get_devices()[0]
    context = cl.Context([device])
    options = [
        "-cl-std=CL3.0",
        "-I",
        str(INCLUDE),
        "-D__opencl_c_atomic_scope_all_devices=1",
        "-DHC_CLIENT_ADDRESS=4096ul",
    ]
    program = cl.Program(context, PRELUDE + BASIC).build(options)  # a warning would be raised
    assert program.get_build_info(device, cl.program_build_info.LOG).strip("\0 \n") == ""
