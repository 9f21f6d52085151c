/* SPDX-License-Identifier: Apache-2.0
 *
 * Drives the file-system services without a channel: `_fs_driver CASE DIRECTORY [walk]` runs one case in an empty
 * directory, with paths resolved by the kernel or, with `walk`, by hand; `_fs_driver --list` names the cases.
 *
 * DIRECTORY/root is the writable root, DIRECTORY/readonly a root that may only be read, DIRECTORY/outside is neither.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "_fake_core.h"
#include "fs.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static hc_server *S;
static char BASE[4096];
static bool walking;

/* ------------------------------------------------------------------------------------------------ calls of one lane */
static int64_t run(hc_call *c) {
    fake_begin(c);
    fake_wait(c);
    int64_t r = c->result[0];
    fake_free(c);
    return r;
}
static hc_call *with_bytes(uint32_t op, const void *bytes, int64_t n, uint64_t room, void **memory) {
    hc_call *c = fake_call(S, op, 1);
    fake_arg(c, 0, 0, n);
    /* exactly as large as the lane said: the sanitizer sees what goes beyond */
    *memory = calloc(1, room ? room : 1);
    if (n > 0 && bytes) memcpy(*memory, bytes, (size_t)n);
    fake_payload(c, HC_PAY_STAGED, 0, *memory, room);
    return c;
}
static int64_t path_call(uint32_t op, const char *path, int64_t a1, int64_t a2, int64_t a3, uint32_t nargs) {
    void *memory;
    hc_call *c = with_bytes(op, path, (int64_t)strlen(path), strlen(path), &memory);
    int64_t rest[3] = {a1, a2, a3};
    for (uint32_t k = 1; k < nargs; k++) fake_arg(c, k, 0, rest[k - 1]);
    int64_t r = run(c);
    free(memory);
    return r;
}
static int64_t x_openat(int64_t dirfd, const char *path, uint32_t flags, uint32_t mode) {
    return path_call(HC_OP_OPEN, path, dirfd, flags, mode, 4);
}
static int64_t x_open(const char *path, uint32_t flags) { return x_openat(HC_WIRE_FDCWD, path, flags, 0644); }
static int64_t x_access(const char *path, int mode) { return path_call(HC_OP_ACCESS, path, HC_WIRE_FDCWD, mode, 0, 4); }
static int64_t x_mkdir(const char *path) { return path_call(HC_OP_MKDIR, path, HC_WIRE_FDCWD, 0755, 0, 3); }
static int64_t x_unlink(const char *path, int flags) {
    return path_call(HC_OP_UNLINK, path, HC_WIRE_FDCWD, flags, 0, 3);
}
static int64_t x_truncate(const char *path, int64_t n) {
    return path_call(HC_OP_TRUNCATE, path, HC_WIRE_FDCWD, n, 0, 3);
}
static int64_t x_chdir(const char *path) { return path_call(HC_OP_CHDIR, path, HC_WIRE_FDCWD, 0, 0, 2); }
static int64_t x_rename(const char *from, const char *to) {
    char both[9000];
    size_t first = strlen(from);
    memset(both, '.', sizeof both); /* what lies between the paths is nobody's */
    memcpy(both, from, first);
    snprintf(both + hc_round16(first), sizeof both - hc_round16(first), "%s", to);
    return path_call(HC_OP_RENAME, both, HC_WIRE_FDCWD, HC_WIRE_FDCWD, (int64_t)first, 4);
}
static int64_t simple(uint32_t op, uint32_t nargs, int64_t a, int64_t b, int64_t d) {
    hc_call *c = fake_call(S, op, 1);
    int64_t args[3] = {a, b, d};
    for (uint32_t k = 0; k < nargs; k++) fake_arg(c, k, 0, args[k]);
    return run(c);
}
static int64_t x_close(int64_t fd) { return simple(HC_OP_CLOSE, 1, fd, 0, 0); }
static int64_t x_lseek(int64_t fd, int64_t at, int whence) { return simple(HC_OP_LSEEK, 3, fd, at, whence); }
static int64_t x_dup(int64_t fd, int64_t wanted, int64_t flags) { return simple(HC_OP_DUP, 3, fd, wanted, flags); }
static int64_t x_isatty(int64_t fd) { return simple(HC_OP_ISATTY, 1, fd, 0, 0); }
static int64_t x_fsync(int64_t fd) { return simple(HC_OP_FSYNC, 2, fd, 0, 0); }
static int64_t x_ftruncate(int64_t fd, int64_t n) { return simple(HC_OP_FTRUNCATE, 2, fd, n, 0); }
static int64_t x_pipe(uint32_t flags, int64_t ends[2]) {
    int64_t r = simple(HC_OP_PIPE, 1, flags, 0, 0);
    ends[0] = r & 0xffffffff;
    ends[1] = r >> 32;
    return r < 0 ? r : 0;
}
static hc_call *transfer_call(uint32_t op, int64_t fd, void *at, int64_t n, int64_t offset) {
    hc_call *c = fake_call(S, op, 1);
    fake_arg(c, 0, 0, n);
    fake_arg(c, 1, 0, 0);
    fake_arg(c, 2, 0, fd);
    if (op == HC_OP_PREAD || op == HC_OP_PWRITE) fake_arg(c, 3, 0, offset);
    fake_payload(c, HC_PAY_STAGED, 0, at, n > 0 ? (uint64_t)n : 0);
    return c;
}
static int64_t x_read(int64_t fd, void *to, int64_t n) { return run(transfer_call(HC_OP_READ, fd, to, n, 0)); }
static int64_t x_write(int64_t fd, const void *from, int64_t n) {
    return run(transfer_call(HC_OP_WRITE, fd, (void *)(uintptr_t)from, n, 0));
}
static int64_t x_pread(int64_t fd, void *to, int64_t n, int64_t at) {
    return run(transfer_call(HC_OP_PREAD, fd, to, n, at));
}
static int64_t x_pwrite(int64_t fd, const void *from, int64_t n, int64_t at) {
    return run(transfer_call(HC_OP_PWRITE, fd, (void *)(uintptr_t)from, n, at));
}
static int64_t x_fstat(int64_t fd, hc_stat_wire *out) {
    void *memory;
    hc_call *c = with_bytes(HC_OP_FSTAT, NULL, sizeof *out, sizeof *out, &memory);
    fake_arg(c, 1, 0, fd);
    int64_t r = run(c);
    memcpy(out, memory, sizeof *out);
    free(memory);
    return r;
}
static int64_t x_stat(int64_t dirfd, const char *path, int flags, hc_stat_wire *out) {
    void *memory;
    uint64_t room = strlen(path) > sizeof *out ? strlen(path) : sizeof *out;
    hc_call *c = with_bytes(HC_OP_STAT, NULL, (int64_t)room, room, &memory);
    memcpy(memory, path, strlen(path));
    fake_arg(c, 1, 0, dirfd);
    fake_arg(c, 2, 0, flags);
    fake_arg(c, 3, 0, (int64_t)strlen(path));
    int64_t r = run(c);
    memcpy(out, memory, sizeof *out);
    free(memory);
    return r;
}
static int64_t x_getcwd(char *out, int64_t n) {
    void *memory;
    hc_call *c = with_bytes(HC_OP_GETCWD, NULL, n, n > 0 ? (uint64_t)n : 0, &memory);
    int64_t r = run(c);
    if (r > 0) memcpy(out, memory, (size_t)r);
    free(memory);
    return r;
}
static int64_t x_getdents(int64_t fd, void *to, int64_t n) {
    hc_call *c = fake_call(S, HC_OP_GETDENTS, 1);
    fake_arg(c, 0, 0, n);
    fake_arg(c, 1, 0, fd);
    fake_payload(c, HC_PAY_STAGED, 0, to, n > 0 ? (uint64_t)n : 0);
    return run(c);
}

/* -------------------------------------------------------------------------------------------------------- the scene */
static const char *in(const char *path) { /* several may be alive at once */
    static _Thread_local char ring[8][8192];
    static _Thread_local int turn;
    char *at = ring[turn++ % 8];
    snprintf(at, sizeof ring[0], "%s/%s", BASE, path);
    return at;
}
static void put_file(const char *path, const char *text) {
    int fd = open(in(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    CHECK(fd >= 0);
    EQ(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}
static void file_has(const char *path, const char *text, size_t n) {
    static char got[1 << 16];
    int fd = open(in(path), O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0);
    EQ(read(fd, got, sizeof got), n);
    CHECK(!memcmp(got, text, n));
    close(fd);
}
static bool exists(const char *path) {
    struct stat st;
    return lstat(in(path), &st) == 0;
}
static void scene(uint32_t max_open) {
    CHECK(mkdir(in("root"), 0755) == 0 && mkdir(in("readonly"), 0755) == 0 && mkdir(in("outside"), 0755) == 0);
    CHECK(mkdir(in("root/a"), 0755) == 0 && mkdir(in("root/a/b"), 0755) == 0 && mkdir(in("root-evil"), 0755) == 0);
    CHECK(mkdir(in("readonly/dir"), 0755) == 0);
    put_file("root/f", "hello");
    put_file("root/a/g", "deeper");
    put_file("outside/secret", "SECRET");
    put_file("root-evil/secret", "SECRET");
    put_file("readonly/r", "readable");
    hc_fs_force_fallback(walking);
    S = fake_start(max_open);
    EQ(hc_fs_root_add(S, in("root"), 1), 0);
    EQ(hc_fs_root_add(S, in("readonly"), 0), 0);
}
static int open_host_descriptors(void) {
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (readdir(d)) n++;
    closedir(d);
    return n;
}
static void expect_read(const char *path, const char *text) {
    char got[64] = "";
    int64_t fd = x_open(path, 0);
    if (fd < 0) fprintf(stderr, "%s: ", path);
    CHECK(fd >= 0);
    EQ(x_read(fd, got, sizeof got), strlen(text));
    CHECK(!memcmp(got, text, strlen(text)));
    EQ(x_close(fd), 0);
}

/* ------------------------------------------------------------------------------------------------------------ paths */
static void paths_inside_the_root_resolve(void) {
    scene(16);
    expect_read("f", "hello");
    expect_read("./a/../f", "hello");
    expect_read("a//b/../..//f", "hello");
    expect_read(in("root/f"), "hello");
    expect_read(in("root//./a/../f"), "hello");
    expect_read(in("readonly/r"), "readable");
    CHECK(symlink("../../f", in("root/a/b/up")) == 0 && symlink("a/b", in("root/short")) == 0 &&
          symlink("up2", in("root/a/b/up2")) == 0);
    expect_read("a/b/up", "hello");
    expect_read("short/up", "hello");
    expect_read("short/../g", "deeper");
    EQ(x_open("a/b/up2", 0), -ELOOP);
    EQ(x_open("a/b/up", HC_WIRE_NOFOLLOW), -ELOOP);
    EQ(x_open("f/", 0), -ENOTDIR);
    EQ(x_open("f/x", 0), -ENOTDIR);
    EQ(x_open("none", 0), -ENOENT);
    EQ(x_open("none/x", HC_WIRE_CREAT | HC_WIRE_RDWR), -ENOENT);
    EQ(x_open("a", HC_WIRE_RDWR), -EISDIR);
    EQ(x_open("f", HC_WIRE_DIRECTORY), -ENOTDIR);
    EQ(x_open("f", HC_WIRE_CREAT | HC_WIRE_EXCL | HC_WIRE_RDWR), -EEXIST);
    EQ(x_open("new/", HC_WIRE_CREAT | HC_WIRE_RDWR), -EISDIR);
    CHECK(symlink("made-by-link", in("root/dangling")) == 0);
    EQ(x_open("dangling", HC_WIRE_CREAT | HC_WIRE_EXCL | HC_WIRE_RDWR), -EEXIST);
    int64_t fd = x_open("dangling", HC_WIRE_CREAT | HC_WIRE_WRONLY);
    EQ(fd, 3);
    EQ(x_close(fd), 0);
    CHECK(exists("root/made-by-link"));
    /* the working directory, and directories as starting points: ".." and links climb above both, never above the root
     */
    EQ(x_chdir("a/b"), 0);
    expect_read("up", "hello");
    expect_read("../g", "deeper");
    expect_read("../../f", "hello");
    EQ(x_open("../../../outside/secret", 0), -EACCES);
    char cwd[4096];
    EQ(x_getcwd(cwd, sizeof cwd), strlen(in("root/a/b")) + 1);
    CHECK(!strcmp(cwd, in("root/a/b")));
    EQ(x_getcwd(cwd, (int64_t)strlen(in("root/a/b"))), -ERANGE);
    EQ(x_getcwd(cwd, 0), -EINVAL);
    EQ(x_chdir("../../f"), -ENOTDIR);
    int64_t dir = x_open("..", HC_WIRE_DIRECTORY);
    EQ(dir, 3);
    char got[8];
    fd = x_openat(dir, "../f", 0, 0);
    EQ(x_read(fd, got, 8), 5);
    EQ(x_close(fd), 0);
    EQ(x_openat(dir, "../../outside/secret", 0, 0), -EACCES);
    EQ(x_openat(dir, "b/../../../root-evil/secret", 0, 0), -EACCES);
    EQ(path_call(HC_OP_CHDIR, "", dir, 0, 0, 2), 0);
    EQ(x_getcwd(cwd, sizeof cwd), strlen(in("root/a")) + 1);
    EQ(path_call(HC_OP_CHDIR, "", HC_WIRE_FDCWD, 0, 0, 2), -ENOENT);
    EQ(x_chdir(in("readonly")), 0);
    expect_read("r", "readable");
    EQ(x_open("x", HC_WIRE_CREAT | HC_WIRE_RDWR), -EROFS);
    EQ(x_close(dir), 0);
    /* a directory that was moved or deleted under us */
    EQ(x_chdir(in("root/a/b")), 0);
    CHECK(rename(in("root/a/b"), in("outside/b")) == 0);
    EQ(x_open("../secret", 0), -EACCES);
    CHECK(rename(in("outside/b"), in("root/a/b")) == 0);
    expect_read("../g", "deeper");
    CHECK(unlink(in("root/a/b/up")) == 0 && unlink(in("root/a/b/up2")) == 0 && rmdir(in("root/a/b")) == 0);
    EQ(x_getcwd(cwd, sizeof cwd), -ENOENT);
    EQ(x_open("x", HC_WIRE_CREAT | HC_WIRE_RDWR), -ENOENT);
    EQ(x_chdir(in("root")), 0);
}

static void no_path_leaves_the_root(void) {
    scene(16);
    CHECK(symlink("../outside", in("root/link")) == 0 && symlink(in("outside"), in("root/absolute")) == 0);
    CHECK(symlink("../outside/secret", in("root/file")) == 0 && symlink("../outside/new", in("root/dangling")) == 0);
    CHECK(symlink("a/../../outside", in("root/twisted")) == 0 && symlink("/proc/self/root", in("root/magic")) == 0);
    CHECK(symlink(in("root/f"), in("root/absolute-inside")) == 0 && symlink("link", in("root/chain")) == 0);
    static const char *escapes[] = {"../outside/secret",
                                    "a/../../outside/secret",
                                    "link/secret",
                                    "absolute/secret",
                                    "file",
                                    "twisted/secret",
                                    "magic/etc/passwd",
                                    "/etc/passwd",
                                    "chain/secret",
                                    "..",
                                    "a/b/../../..",
                                    "/",
                                    "//etc//passwd",
                                    "absolute-inside",
                                    "link/../outside/secret",
                                    "../root/f",
                                    "../root-evil/secret"};
    hc_stat_wire st;
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        const char *e = escapes[i];
        int64_t r = x_open(e, 0);
        if (r != -EACCES) fprintf(stderr, "%s: ", e);
        EQ(r, -EACCES);
        EQ(x_open(e, HC_WIRE_RDWR | HC_WIRE_CREAT), -EACCES);
        EQ(x_open(e, HC_WIRE_PATH), -EACCES);
        EQ(x_stat(HC_WIRE_FDCWD, e, 0, &st), -EACCES);
        EQ(x_access(e, R_OK), -EACCES);
        EQ(x_truncate(e, 0), -EACCES);
        EQ(x_chdir(e), -EACCES);
    }
    EQ(x_open(in("outside/secret"), 0), -EACCES);
    EQ(x_open(in("root-evil/secret"), 0), -EACCES);
    EQ(x_open(in("root/../outside/secret"), 0), -EACCES);
    EQ(x_open("dangling", HC_WIRE_RDWR | HC_WIRE_CREAT), -EACCES);
    EQ(x_open("link", HC_WIRE_RDWR | HC_WIRE_TMPFILE), -EACCES);
    EQ(x_mkdir("link/d"), -EACCES);
    EQ(x_mkdir("../outside/d"), -EACCES);
    EQ(x_mkdir(in("outside/d")), -EACCES);
    EQ(x_unlink("link/secret", 0), -EACCES);
    EQ(x_unlink("../outside/secret", 0), -EACCES);
    EQ(x_rename("f", "link/f"), -EACCES);
    EQ(x_rename("link/secret", "stolen"), -EACCES);
    EQ(x_rename("f", "../outside/f"), -EACCES);
    EQ(x_rename("f", in("outside/f")), -EACCES);
    /* the links themselves are names inside the root */
    EQ(x_stat(HC_WIRE_FDCWD, "link", HC_WIRE_SYMLINK_NOFOLLOW, &st), 0);
    CHECK(S_ISLNK(st.mode));
    EQ(x_mkdir("dangling"), -EEXIST);
    EQ(x_mkdir("link/"), -EEXIST);
    EQ(x_unlink("link/", 0), -ENOTDIR);
    EQ(x_unlink("link/", HC_WIRE_REMOVEDIR), -ENOTDIR);
    EQ(x_rename("link", "renamed"), 0);
    EQ(x_unlink("renamed", 0), 0);
    EQ(x_unlink("file", 0), 0);
    file_has("outside/secret", "SECRET", 6);
    CHECK(!exists("outside/new") && !exists("outside/d") && !exists("outside/f") && exists("root/f") &&
          !exists("root/stolen"));
}

static void a_readonly_root_is_not_written(void) {
    scene(16);
    EQ(x_chdir(in("readonly")), 0);
    expect_read("r", "readable");
    static const uint32_t intents[] = {HC_WIRE_WRONLY,
                                       HC_WIRE_RDWR,
                                       HC_WIRE_CREAT,
                                       HC_WIRE_TRUNC,
                                       HC_WIRE_CREAT | HC_WIRE_RDWR,
                                       HC_WIRE_TMPFILE | HC_WIRE_RDWR};
    for (size_t i = 0; i < sizeof intents / sizeof *intents; i++) EQ(x_open("r", intents[i]), -EROFS);
    EQ(x_mkdir("d"), -EROFS);
    EQ(x_unlink("r", 0), -EROFS);
    EQ(x_unlink("dir", HC_WIRE_REMOVEDIR), -EROFS);
    EQ(x_rename("r", "s"), -EROFS);
    EQ(x_rename("r", in("root/s")), -EROFS);
    EQ(x_rename(in("root/f"), "s"), -EROFS);
    EQ(x_truncate("r", 0), -EROFS);
    EQ(x_access("r", W_OK), -EROFS);
    EQ(x_access("r", R_OK), 0);
    EQ(x_open(in("readonly/r"), HC_WIRE_WRONLY), -EROFS);
    int64_t fd = x_open("r", 0);
    EQ(x_ftruncate(fd, 0), -EINVAL);
    EQ(x_write(fd, "x", 1), -EBADF);
    int64_t dir = x_open("dir", 0);
    EQ(x_openat(dir, "../r", HC_WIRE_RDWR, 0), -EROFS);
    file_has("readonly/r", "readable", 8);
    EQ(x_close(fd), 0);
    EQ(x_close(dir), 0);
}

static void a_root_in_a_root_keeps_its_mode(void) {
    scene(16);
    CHECK(mkdir(in("readonly/out"), 0755) == 0 && mkdir(in("root/kept"), 0755) == 0 &&
          mkdir(in("root/kept/sub"), 0755) == 0);
    put_file("root/kept/k", "kept");
    CHECK(symlink("a/../kept/k", in("root/to-kept")) == 0 && symlink("out", in("readonly/alias")) == 0);
    EQ(hc_fs_root_add(S, in("readonly/out"), 1), 0);
    EQ(hc_fs_root_add(S, in("root/kept"), 0), 0);
    EQ(x_open("kept/k", HC_WIRE_WRONLY), -EROFS);
    EQ(x_open("to-kept", HC_WIRE_WRONLY), -EROFS);
    EQ(x_open(in("root/kept/k"), HC_WIRE_WRONLY), -EROFS);
    EQ(x_open("kept/sub/../k", HC_WIRE_WRONLY), -EROFS);
    EQ(x_open("kept", HC_WIRE_TMPFILE | HC_WIRE_RDWR), -EROFS);
    EQ(x_mkdir("kept/d"), -EROFS);
    EQ(x_unlink("kept/k", 0), -EROFS);
    EQ(x_rename("kept/k", "k"), -EROFS);
    EQ(x_rename("f", "kept/f"), -EROFS);
    EQ(x_access("to-kept", W_OK), -EROFS);
    EQ(x_truncate("to-kept", 0), -EROFS);
    expect_read("to-kept", "kept");
    EQ(x_mkdir("kept/../d"), 0);
    EQ(x_unlink("d/", HC_WIRE_REMOVEDIR), 0);
    EQ(x_open("kept/../../outside/secret", HC_WIRE_RDWR), -EACCES);
    EQ(x_mkdir("kept/../../outside/d"), -EACCES);
    EQ(x_rename("kept", "moved"), 0); /* moved, it is still the same directory */
    EQ(x_open("moved/k", HC_WIRE_WRONLY), -EROFS);
    EQ(x_rename("moved", "kept"), 0);
    EQ(x_chdir(in("readonly")), 0);
    EQ(x_mkdir("d"), -EROFS);
    EQ(x_mkdir("out/d"), 0);
    EQ(x_mkdir("alias/../d"), -EROFS);
    int64_t fd = x_open("alias/new", HC_WIRE_CREAT | HC_WIRE_RDWR);
    EQ(fd, 3);
    EQ(x_write(fd, "abc", 3), 3);
    EQ(x_close(fd), 0);
    file_has("readonly/out/new", "abc", 3);
    EQ(x_chdir("out"), 0);
    EQ(x_open("new", HC_WIRE_RDWR), 3);
    EQ(x_open("../r", HC_WIRE_RDWR), -EROFS);
    expect_read("../r", "readable");
    EQ(x_close(3), 0);
}

static void bad_paths_are_told_apart(void) {
    scene(16);
    char longest[5000];
    void *memory;
    memset(longest, 'x', sizeof longest);
    longest[300] = 0;
    EQ(x_open(longest, 0), -ENAMETOOLONG);
    EQ(x_mkdir(longest), -ENAMETOOLONG);
    longest[300] = 'x';
    for (size_t i = 0; i < sizeof longest; i += 2) longest[i] = '.', longest[i + 1] = '/';
    longest[4096] = 0;
    EQ(x_open(longest, 0), -ENAMETOOLONG);
    longest[4095] = 0;
    CHECK(x_open(longest, 0) == 3);
    EQ(x_close(3), 0);
    EQ(x_open("", 0), -ENOENT);
    EQ(x_mkdir(""), -ENOENT);
    EQ(x_rename("", "x"), -ENOENT);
    EQ(x_rename("f", ""), -ENOENT);
#define OPEN_RAW(bytes, n, room, kind_)                               \
    ({                                                                \
        hc_call *c = with_bytes(HC_OP_OPEN, bytes, 0, room, &memory); \
        if (memory && (room)) memcpy(memory, bytes, room);            \
        fake_arg(c, 0, 0, n);                                         \
        fake_arg(c, 1, 0, HC_WIRE_FDCWD);                             \
        fake_arg(c, 2, 0, 0);                                         \
        fake_arg(c, 3, 0, 0);                                         \
        c->kind = kind_;                                              \
        int64_t r = run(c);                                           \
        free(memory);                                                 \
        r;                                                            \
    })
    EQ(OPEN_RAW("f\0x", 3, 3, HC_PAY_STAGED), -EINVAL);
    EQ(OPEN_RAW("f\0\0", 3, 3, HC_PAY_STAGED), -EINVAL);
    EQ(OPEN_RAW("f", -1, 1, HC_PAY_STAGED), -EINVAL);
    EQ(OPEN_RAW("f", 2, 1, HC_PAY_STAGED), -EINVAL);
    EQ(OPEN_RAW("f", INT64_MAX, 1, HC_PAY_STAGED), -EINVAL);
    EQ(OPEN_RAW("f", 1, 1, HC_PAY_BYREF), -EINVAL);
    EQ(OPEN_RAW("f\0", 2, 2, HC_PAY_INLINE), 3);
    EQ(x_close(3), 0);
    EQ(x_open("f", 3), -EINVAL);
    EQ(x_openat(77, "f", 0, 0), -EBADF);
    EQ(x_openat(-1, "f", 0, 0), -EBADF);
    EQ(x_openat(1, "f", 0, 0), -ENOTDIR);
    EQ(x_openat(77, in("root/f"), 0, 0), 3);
    EQ(x_openat(3, "f", 0, 0), -ENOTDIR);
    EQ(x_close(3), 0);
    char both[] = "fg";
    EQ(path_call(HC_OP_RENAME, both, HC_WIRE_FDCWD, HC_WIRE_FDCWD, 5, 4), -EINVAL);
    EQ(path_call(HC_OP_RENAME, both, HC_WIRE_FDCWD, HC_WIRE_FDCWD, -1, 4), -EINVAL);
    EQ(x_unlink("f", 0x400), -EINVAL);
    EQ(x_access("f", 64), -EINVAL);
    EQ(x_truncate("f", -1), -EINVAL);
}

static void names_are_made_moved_and_removed(void) {
    scene(16);
    hc_stat_wire w;
    struct stat st;
    EQ(x_mkdir("d"), 0);
    EQ(x_mkdir("d"), -EEXIST);
    EQ(x_mkdir("d/e/"), 0);
    EQ(x_mkdir("."), -EEXIST);
    EQ(x_mkdir("a/.."), -EEXIST);
    EQ(x_unlink("d", HC_WIRE_REMOVEDIR), -ENOTEMPTY);
    EQ(x_unlink("d", 0), -EISDIR);
    EQ(x_unlink("f", HC_WIRE_REMOVEDIR), -ENOTDIR);
    EQ(x_unlink(".", HC_WIRE_REMOVEDIR), -EINVAL);
    EQ(x_unlink("d/e/..", HC_WIRE_REMOVEDIR), -ENOTEMPTY);
    EQ(x_unlink("d/..", 0), -EISDIR);
    EQ(x_unlink("d/e", HC_WIRE_REMOVEDIR), 0);
    EQ(x_rename("f", "d/f2"), 0);
    EQ(x_rename("d", "d/inside"), -EINVAL);
    EQ(x_rename("a", "d"), -ENOTEMPTY);
    EQ(x_rename("d/f2", "."), -EBUSY);
    EQ(x_rename("d/f2", in("root/f")), 0);
    EQ(x_unlink("f", 0), 0);
    EQ(x_unlink("f", 0), -ENOENT);
    put_file("root/f", "hello");
    EQ(x_access("f", 0), 0);
    EQ(x_access("f", R_OK | W_OK), 0);
    CHECK(chmod(in("root/f"), 0644) == 0);
    EQ(x_access("f", X_OK), -EACCES);
    EQ(x_access("none", 0), -ENOENT);
    CHECK(symlink("f", in("root/link")) == 0);
    EQ(x_truncate("link", 2), 0);
    EQ(x_truncate("a", 0), -EISDIR);
    EQ(x_stat(HC_WIRE_FDCWD, "link", 0, &w), 0);
    CHECK(stat(in("root/f"), &st) == 0);
    EQ(w.ino, st.st_ino);
    EQ(w.dev, st.st_dev);
    EQ(w.size, 2);
    EQ(w.mode, st.st_mode);
    EQ(w.nlink, 1);
    EQ(w.mtime_s, st.st_mtim.tv_sec);
    EQ(w.mtime_ns, st.st_mtim.tv_nsec);
    EQ(w.uid, st.st_uid);
    EQ(w.blksize, st.st_blksize);
    EQ(x_stat(HC_WIRE_FDCWD, "a/../link", HC_WIRE_SYMLINK_NOFOLLOW, &w), 0);
    CHECK(S_ISLNK(w.mode));
    int64_t dir = x_open("a", HC_WIRE_DIRECTORY), fd = x_openat(dir, "g", 0, 0);
    EQ(x_stat(dir, "g", 0, &w), 0);
    EQ(w.size, 6);
    EQ(x_stat(fd, "", HC_WIRE_EMPTY_PATH, &w), 0);
    EQ(w.size, 6);
    EQ(x_stat(fd, "", 0, &w), -ENOENT);
    EQ(x_fstat(fd, &w), 0);
    EQ(w.size, 6);
    EQ(x_fstat(dir, &w), 0);
    CHECK(S_ISDIR(w.mode));
    void *memory; /* room for less than the answer */
    hc_call *c = with_bytes(HC_OP_FSTAT, NULL, 127, 127, &memory);
    fake_arg(c, 1, 0, fd);
    EQ(run(c), -EINVAL);
    free(memory);
    EQ(x_close(dir), 0);
    EQ(x_close(fd), 0);
    fd = x_open("a", HC_WIRE_TMPFILE | HC_WIRE_RDWR);
    CHECK(fd == 3 || fd == -EOPNOTSUPP);
    if (fd == 3) {
        EQ(x_write(fd, "tmp", 3), 3);
        EQ(x_close(fd), 0);
    }
    fd = x_openat(HC_WIRE_FDCWD, "mode", HC_WIRE_CREAT | HC_WIRE_WRONLY, 0100640);
    CHECK(stat(in("root/mode"), &st) == 0);
    EQ(st.st_mode & 0777, 0640);
    EQ(x_close(fd), 0);
    fd = x_open("f", HC_WIRE_PATH);
    char byte;
    EQ(x_read(fd, &byte, 1), -EBADF);
    EQ(x_fstat(fd, &w), 0);
    EQ(x_close(fd), 0);
}

/* ------------------------------------------------------------------------------------------------------ descriptors */
static void the_lowest_number_is_given_and_the_quota_kept(void) {
    scene(6);
    hc_stat_wire w;
    EQ(x_open("f", 0), 3);
    EQ(x_open("f", 0), 4);
    EQ(x_open("f", 0), 5);
    EQ(x_open("f", HC_WIRE_RDWR | HC_WIRE_TRUNC), -EMFILE);
    EQ(x_open("created", HC_WIRE_RDWR | HC_WIRE_CREAT), -EMFILE);
    CHECK(!exists("root/created"));
    file_has("root/f", "hello", 5);
    EQ(x_dup(3, -1, 0), -EMFILE);
    int64_t ends[2];
    EQ(x_pipe(0, ends), -EMFILE);
    EQ(x_close(4), 0);
    EQ(x_pipe(0, ends), -EMFILE);
    EQ(x_close(3), 0);
    EQ(x_close(3), -EBADF);
    EQ(x_open("f", 0), 3);
    EQ(x_open("f", 0), 4);
    EQ(x_close(0), 0);
    EQ(x_open("none", 0), -ENOENT);
    EQ(x_open("f", 0), 0);
    EQ(x_close(5), 0);
    EQ(x_dup(0, -1, HC_WIRE_CLOEXEC), 5);
    EQ(x_close(5), 0);
    EQ(x_close(3), 0);
    EQ(x_dup(0, 4, HC_DUP_AT_LEAST), 5);
    EQ(x_dup(0, 5, HC_DUP_AT_LEAST), -EMFILE);
    EQ(x_dup(0, 6, HC_DUP_AT_LEAST), -EINVAL);
    EQ(x_dup(0, 6, 0), -EBADF);
    EQ(x_dup(0, -2, 0), -EBADF);
    EQ(x_dup(3, 4, 0), -EBADF);
    EQ(x_dup(0, 0, 0), 0);
    /* dup2 closes what was there; the copy shares the offset */
    char got[8] = "";
    EQ(x_dup(0, 4, 0), 4);
    EQ(x_read(0, got, 2), 2);
    EQ(x_read(4, got, 8), 3);
    CHECK(!memcmp(got, "llo", 3));
    EQ(x_lseek(4, 1, SEEK_SET), 1);
    EQ(x_read(0, got, 1), 1);
    CHECK(got[0] == 'e');
    EQ(x_close(0), 0);
    EQ(x_read(4, got, 1), 1);
    static const int64_t bad[] = {-1, 0, 3, 6, 1000000, INT64_MAX, INT64_MIN, 0x100000004};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        EQ(x_close(bad[i]), -EBADF);
        EQ(x_read(bad[i], got, 1), -EBADF);
        EQ(x_write(bad[i], got, 0), -EBADF);
        EQ(x_pread(bad[i], got, 1, 0), -EBADF);
        EQ(x_lseek(bad[i], 0, 0), -EBADF);
        EQ(x_fsync(bad[i]), -EBADF);
        EQ(x_ftruncate(bad[i], 0), -EBADF);
        EQ(x_dup(bad[i], -1, 0), -EBADF);
        EQ(x_fstat(bad[i], &w), -EBADF);
        EQ(x_isatty(bad[i]), -EBADF);
        EQ(x_getdents(bad[i], got, 8), -EBADF);
    }
}

static void standard_descriptors_stand_for_the_sinks(void) {
    scene(16);
    int out = open(in("out.log"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    hc_stat_wire w;
    char byte;
    EQ(x_fstat(1, &w), 0);
    CHECK(S_ISCHR(w.mode));
    EQ(hc_stdio_sink(S, 1, HC_SINK_FD, out), 0);
    EQ(hc_stdio_sink(S, 2, HC_SINK_PYTHON, -1), 0);
    uint64_t words[3] = {0, 7, 0};
    memcpy(words + 2, "posted ", 7);
    CHECK(fake_posted(S, HC_POST_BYTES, 1, words, 3));
    EQ(x_write(1, "written\n", 8), 8);
    file_has("out.log", "posted written\n", 15);
    EQ(x_fstat(1, &w), 0);
    CHECK(S_ISREG(w.mode));
    EQ(w.size, 15);
    EQ(x_fstat(2, &w), 0);
    CHECK(S_ISFIFO(w.mode));
    EQ(x_isatty(1), -ENOTTY);
    EQ(x_isatty(0), isatty(0) ? 1 : -ENOTTY);
    EQ(x_lseek(1, 0, SEEK_SET), -ESPIPE);
    EQ(x_pwrite(1, "x", 1, 0), -ESPIPE);
    EQ(x_ftruncate(1, 0), -EINVAL);
    EQ(x_read(1, &byte, 1), -EBADF);
    EQ(x_write(1, "", 0), 0);
    EQ(x_write(1, "x", -1), -EINVAL);
    CHECK(fake_posted(S, HC_POST_BYTES, 1, words, 3));
    EQ(x_fsync(1), 0);
    file_has("out.log", "posted written\nposted ", 22);
    EQ(x_dup(1, -1, 0), 3);
    EQ(x_close(1), 0);
    EQ(x_write(1, "x", 1), -EBADF);
    EQ(x_write(3, "dup", 3), 3);
    file_has("out.log", "posted written\nposted dup", 25);
    EQ(x_open("f", HC_WIRE_WRONLY | HC_WIRE_APPEND), 1);
    EQ(x_write(1, "!", 1), 1);
    file_has("root/f", "hello!", 6);
    EQ(x_write(2, "to python", 9), 9);
    EQ(fake_python_bytes, 9);
    close(out);
    /* by reference: memory that is gone is an error, not a crash */
    char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(map != MAP_FAILED && munmap(map + 4096, 4096) == 0);
    memset(map, 'm', 4096);
    hc_call *c = transfer_call(HC_OP_WRITE, 2, map, 8192, 0);
    c->kind = HC_PAY_BYREF;
    EQ(run(c), -EFAULT);
    c = transfer_call(HC_OP_WRITE, 2, map, 4096, 0);
    c->kind = HC_PAY_BYREF;
    EQ(run(c), 4096);
    EQ(fake_python_bytes, 9 + 4096);
    munmap(map, 4096);
    free(fake_python);
}

static void closed_or_inherited_stdin_is_safe(void) {
    int saved = fcntl(0, F_DUPFD_CLOEXEC, 10), ends[2];
    char got[16];
    close(0);
    scene(16); /* nothing of ours may land on descriptor 0 */
    CHECK(fcntl(0, F_GETFD) < 0);
    EQ(x_read(0, got, 1), 0);
    EQ(x_open("f", 0), 3);
    CHECK(fcntl(0, F_GETFD) < 0);
    fake_stop(S);
    CHECK(pipe(ends) == 0);
    if (ends[0] != 0) {
        dup2(ends[0], 0);
        close(ends[0]);
    }
    S = fake_start(16);
    hc_call *c = transfer_call(HC_OP_READ, 0, got, 16, 0);
    fake_begin(c);
    CHECK(!fake_done(c));
    EQ(fcntl(0, F_GETFL) & O_NONBLOCK, 0);
    EQ(write(ends[1], "typed", 5), 5);
    fake_wait(c);
    EQ(c->result[0], 5);
    fake_free(c);
    close(ends[1]);
    EQ(x_read(0, got, 16), 0);
    EQ(x_read(0, got, 16), 0);
    EQ(x_write(0, "x", 1), -EBADF);
    fake_stop(S);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0); /* cannot be opened anew */
    dup2(ends[0], 0);
    close(ends[0]);
    S = fake_start(16);
    c = transfer_call(HC_OP_READ, 0, got, 16, 0);
    fake_begin(c);
    CHECK(!fake_done(c));
    EQ(write(ends[1], "typed", 5), 5);
    fake_wait(c);
    EQ(c->result[0], 5);
    fake_free(c);
    close(ends[1]);
    if (saved >= 0) {
        dup2(saved, 0);
        close(saved);
    }
}

/* ---------------------------------------------------------------------------------------------- reading and writing */
typedef struct lanes {
    hc_call *c;
    uint8_t *part[HC_MAX_LANES];
} lanes;
/* Lane i moves size[i] bytes; its letter is 'a' + i. */
static lanes many(uint32_t op, uint32_t n, int64_t fd, const int64_t *size, const int64_t *offset) {
    lanes l = {.c = fake_call(S, op, n)};
    for (uint32_t i = 0; i < n; i++) {
        fake_arg(l.c, 0, i, size[i]);
        fake_arg(l.c, 1, i, 0);
        fake_arg(l.c, 2, i, fd);
        if (offset) fake_arg(l.c, 3, i, offset[i]);
        size_t room = size[i] > 0 ? (size_t)size[i] : 0;
        l.part[i] = malloc(room ? room : 1);
        memset(l.part[i], op == HC_OP_WRITE || op == HC_OP_PWRITE ? 'a' + (int)i : '.', room);
        fake_payload(l.c, HC_PAY_STAGED, i, l.part[i], room);
    }
    return l;
}
static void done(lanes *l) {
    for (uint32_t i = 0; i < l->c->lanes; i++) free(l->part[i]);
    fake_free(l->c);
}

static void lanes_move_bytes_as_calls_of_their_own_would(void) {
    scene(16);
    int64_t fd = x_open("w", HC_WIRE_RDWR | HC_WIRE_CREAT);
    int64_t sizes[8] = {3, 0, 2, -1, 4, 1, INT64_MIN, 2};
    lanes l = many(HC_OP_WRITE, 8, fd, sizes, NULL);
    fake_begin(l.c);
    int64_t want[8] = {3, 0, 2, -EINVAL, 4, 1, -EINVAL, 2};
    for (int i = 0; i < 8; i++) EQ(l.c->result[i], want[i]);
    done(&l);
    file_has("root/w", "aaacceeeefhh", 12);
    EQ(x_lseek(fd, 0, SEEK_SET), 0);
    int64_t reads[5] = {3, 2, 10, 4, 1};
    l = many(HC_OP_READ, 5, fd, reads, NULL);
    fake_begin(l.c);
    int64_t got[5] = {3, 2, 7, 0, 0};
    for (int i = 0; i < 5; i++) EQ(l.c->result[i], got[i]);
    CHECK(!memcmp(l.part[0], "aaa", 3) && !memcmp(l.part[1], "cc", 2) && !memcmp(l.part[2], "eeeefhh...", 10) &&
          l.part[3][0] == '.');
    done(&l);
    /* contiguous, a gap, backwards, negative, overlapping */
    int64_t psizes[6] = {4, 4, 4, 4, 4, 4}, offsets[6] = {100, 104, 112, 96, -1, 98};
    l = many(HC_OP_PWRITE, 6, fd, psizes, offsets);
    fake_begin(l.c);
    for (int i = 0; i < 6; i++) EQ(l.c->result[i], i == 4 ? -EINVAL : 4);
    done(&l);
    char back[20];
    EQ(x_pread(fd, back, 20, 96), 20);
    CHECK(!memcmp(back, "ddffffaabbbb\0\0\0\0cccc", 20) || !memcmp(back, "ddffffaabbbb", 12));
    EQ(x_lseek(fd, 0, SEEK_CUR), 12);
    int64_t poffsets[4] = {108, 112, 116, 120}, preads[4] = {4, 4, 4, 4};
    l = many(HC_OP_PREAD, 4, fd, preads, poffsets);
    fake_begin(l.c);
    EQ(l.c->result[0], 4);
    EQ(l.c->result[1], 4);
    EQ(l.c->result[2], 0);
    EQ(l.c->result[3], 0);
    CHECK(!memcmp(l.part[0], "\0\0\0\0", 4) && !memcmp(l.part[1], "cccc", 4));
    done(&l);
    /* lanes of several descriptors in one packet */
    int64_t other = x_open("v", HC_WIRE_RDWR | HC_WIRE_CREAT | HC_WIRE_APPEND);
    int64_t ones[32];
    for (int i = 0; i < 32; i++) ones[i] = 1;
    l = many(HC_OP_WRITE, 32, fd, ones, NULL);
    for (uint32_t i = 0; i < 32; i++) fake_arg(l.c, 2, i, i % 4 == 3 ? 14 : i / 2 % 2 ? other : fd);
    EQ(x_ftruncate(fd, 0), 0);
    EQ(x_lseek(fd, 0, SEEK_SET), 0);
    fake_begin(l.c);
    for (int i = 0; i < 32; i++) EQ(l.c->result[i], i % 4 == 3 ? -EBADF : 1);
    done(&l);
    file_has("root/w", "abefijmnqruvyz}~", 16);
    file_has("root/v", "cgkosw{\x7f", 8);
    /* nothing can be read into a private copy */
    hc_call *c = transfer_call(HC_OP_READ, fd, back, 4, 0);
    c->kind = HC_PAY_INLINE;
    EQ(run(c), -EFAULT);
    EQ(x_close(other), 0);
    int64_t dir = x_open("a", 0);
    EQ(x_read(dir, back, 4), -EISDIR);
    EQ(x_close(dir), 0);
    EQ(x_lseek(fd, -1, SEEK_SET), -EINVAL);
    EQ(x_lseek(fd, 0, 99), -EINVAL);
    EQ(x_lseek(fd, 0, SEEK_END), 16);
    EQ(x_ftruncate(fd, -1), -EINVAL);
    EQ(x_fsync(fd), 0);
    EQ(x_isatty(fd), -ENOTTY);
    EQ(x_close(fd), 0);
}

static void a_short_write_is_shared_out_between_lanes(void) {
    scene(16);
    struct rlimit limit = {25, RLIM_INFINITY};
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0); /* SIGXFSZ would end the process */
    int64_t fd = x_open("w", HC_WIRE_WRONLY | HC_WIRE_CREAT);
    int64_t sizes[5] = {10, 10, 10, 10, 10};
    lanes l = many(HC_OP_WRITE, 5, fd, sizes, NULL);
    fake_begin(l.c);
    int64_t want[5] = {10, 10, 5, -EFBIG, -EFBIG};
    for (int i = 0; i < 5; i++) EQ(l.c->result[i], want[i]);
    done(&l);
    file_has("root/w", "aaaaaaaaaabbbbbbbbbbccccc", 25);
    int64_t offsets[5] = {5, 15, 25, 35, 0};
    l = many(HC_OP_PWRITE, 5, fd, sizes, offsets);
    fake_begin(l.c);
    int64_t pwant[5] = {10, 10, -EFBIG, -EFBIG, 10};
    for (int i = 0; i < 5; i++) EQ(l.c->result[i], pwant[i]);
    done(&l);
    file_has("root/w", "eeeeeeeeeeaaaaabbbbbbbbbb", 25);
    EQ(x_ftruncate(fd, 26), -EFBIG);
    EQ(x_truncate("w", 26), -EFBIG);
    EQ(x_close(fd), 0);
    sigset_t pending;
    sigpending(&pending);
    CHECK(!sigismember(&pending, SIGXFSZ)); /* not left behind for the embedding program either */
}

static void memory_that_is_gone_is_efault_for_its_lane_only(void) {
    scene(16);
    char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(map != MAP_FAILED && munmap(map + 4096, 4096) == 0);
    memset(map, 'M', 4096);
    int64_t fd = x_open("w", HC_WIRE_RDWR | HC_WIRE_CREAT);
    int64_t sizes[4] = {8, 8, 8, 8};
    lanes l = many(HC_OP_WRITE, 4, fd, sizes, NULL);
    l.c->kind = HC_PAY_BYREF;
    l.c->payload[1] = (uint8_t *)map + 4096;
    fake_begin(l.c);
    EQ(l.c->result[0], 8);
    EQ(l.c->result[1], -EFAULT);
    EQ(l.c->result[2], 8);
    EQ(l.c->result[3], 8);
    done(&l);
    file_has("root/w", "aaaaaaaaccccccccdddddddd", 24);
    EQ(x_lseek(fd, 0, SEEK_SET), 0);
    l = many(HC_OP_READ, 4, fd, sizes, NULL);
    l.c->kind = HC_PAY_BYREF;
    l.c->payload[1] = (uint8_t *)map + 4096;
    fake_begin(l.c);
    EQ(l.c->result[0], 8);
    EQ(l.c->result[1], -EFAULT);
    EQ(l.c->result[2], 8);
    EQ(l.c->result[3], 8);
    CHECK(!memcmp(l.part[2], "cccccccc", 8));
    done(&l);
    int64_t ends[2];
    EQ(x_pipe(0, ends), 0);
    hc_call *c = transfer_call(HC_OP_WRITE, ends[1], map + 4096, 8, 0);
    c->kind = HC_PAY_BYREF;
    EQ(run(c), -EFAULT);
    c = transfer_call(HC_OP_WRITE, ends[1], NULL, 8, 0);
    EQ(run(c), -EFAULT);
    munmap(map, 4096);
}

/* ---------------------------------------------------------------------------------------------------------- waiting */
static void a_reader_of_an_empty_pipe_parks_and_gets_the_data(void) {
    scene(32);
    int64_t ends[2];
    char got[64];
    EQ(x_pipe(0, ends), 0);
    EQ(ends[0], 3);
    EQ(ends[1], 4);
    EQ(x_lseek(3, 0, SEEK_SET), -ESPIPE);
    EQ(x_pread(3, got, 1, 0), -ESPIPE);
    EQ(x_read(4, got, 1), -EBADF);
    EQ(x_write(3, got, 1), -EBADF);
    EQ(x_read(3, got, 0), 0);
    /* 31 lanes wait for what the lane beside them, on a file, does not wait for */
    int64_t sizes[32];
    for (int i = 0; i < 32; i++) sizes[i] = 1;
    int64_t file = x_open("f", 0);
    lanes l = many(HC_OP_READ, 32, 3, sizes, NULL);
    fake_arg(l.c, 2, 5, file);
    fake_begin(l.c);
    CHECK(!fake_done(l.c) && fake_rank_done(l.c, 5) && !fake_rank_done(l.c, 6));
    EQ(l.c->result[5], 1);
    EQ(l.part[5][0], 'h');
    EQ(l.c->parked_mask, 0xffffffdfu);
    EQ(x_write(4, "0123456789", 10), 10);
    for (int waited = 0;; waited++) {
        int n = 0;
        for (uint32_t i = 0; i < 32; i++) n += fake_rank_done(l.c, i);
        if (n == 11) break;
        CHECK(waited < 10000);
        fake_settle(1);
    }
    char rest[22];
    memset(rest, 'r', sizeof rest);
    EQ(x_write(4, rest, 21), 21);
    fake_wait(l.c);
    for (int i = 0; i < 32; i++) EQ(l.c->result[i], 1);
    done(&l);
    EQ(x_close(file), 0);
    /* the last writer leaves: end of file for whoever waits and whoever comes later */
    hc_call *c = transfer_call(HC_OP_READ, 3, got, 8, 0);
    fake_begin(c);
    fake_settle(5);
    CHECK(!fake_done(c));
    EQ(x_close(4), 0);
    fake_wait(c);
    EQ(c->result[0], 0);
    fake_free(c);
    EQ(x_read(3, got, 8), 0);
    EQ(x_close(3), 0);
    EQ(x_pipe(HC_WIRE_NONBLOCK, ends), 0);
    EQ(x_read(3, got, 1), -EAGAIN);
    EQ(x_dup(3, -1, 0), 5);
    EQ(x_read(5, got, 1), -EAGAIN);
    EQ(simple(HC_OP_PIPE, 1, 0x10000000, 0, 0), -EINVAL);
}

static void a_writer_of_a_full_pipe_parks_until_all_is_in(void) {
    scene(16);
    int64_t ends[2];
    EQ(x_pipe(0, ends), 0);
    size_t n = 1 << 20, seen = 0;
    uint8_t *big = malloc(n), *got = malloc(n);
    for (size_t i = 0; i < n; i++) big[i] = (uint8_t)(i * 7 + i / 256);
    hc_call *c = transfer_call(HC_OP_WRITE, ends[1], big, (int64_t)n, 0);
    fake_begin(c);
    CHECK(!fake_done(c));
    while (seen < n) {
        int64_t r = x_read(ends[0], got + seen, (int64_t)(n - seen < 70000 ? n - seen : 70000));
        CHECK(r > 0);
        seen += (size_t)r;
    }
    fake_wait(c);
    EQ(c->result[0], n);
    fake_free(c);
    CHECK(!memcmp(big, got, n));
    /* small writes are whole or not there at all, each lane's */
    int64_t sizes[32];
    for (int i = 0; i < 32; i++) sizes[i] = 4000;
    lanes l = many(HC_OP_WRITE, 32, ends[1], sizes, NULL);
    fake_begin(l.c);
    CHECK(!fake_done(l.c));
    for (int i = 0; i < 32; i++) {
        EQ(x_read(ends[0], got, 4000), 4000);
        for (int k = 1; k < 4000; k++) CHECK(got[k] == got[0]);
    }
    fake_wait(l.c);
    for (int i = 0; i < 32; i++) EQ(l.c->result[i], 4000);
    done(&l);
    /* non-blocking: what went in, then EAGAIN */
    int64_t quick[2];
    EQ(x_pipe(HC_WIRE_NONBLOCK, quick), 0);
    int64_t in_pipe = x_write(quick[1], big, (int64_t)n);
    CHECK(in_pipe > 0 && in_pipe < (int64_t)n);
    EQ(x_write(quick[1], big, (int64_t)n), -EAGAIN);
    free(big);
    free(got);
}

static void a_broken_pipe_is_an_error_and_no_signal(void) {
    scene(16);
    CHECK(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    int64_t ends[2];
    EQ(x_pipe(0, ends), 0);
    uint8_t *big = calloc(1, 200000);
    hc_call *c = transfer_call(HC_OP_WRITE, ends[1], big, 200000, 0),
            *waiting = transfer_call(HC_OP_WRITE, ends[1], big, 10, 0);
    fake_begin(c);
    fake_begin(waiting);
    CHECK(!fake_done(c));
    EQ(x_close(ends[0]), 0);
    fake_wait(c);
    CHECK(c->result[0] > 0 && c->result[0] < 200000); /* a short count first */
    fake_wait(waiting);
    EQ(waiting->result[0], -EPIPE);
    fake_free(c);
    fake_free(waiting);
    EQ(x_write(ends[1], "x", 1), -EPIPE);
    EQ(x_write(ends[1], "", 0), 0);
    sigset_t pending;
    sigpending(&pending);
    CHECK(!sigismember(&pending, SIGPIPE));
    free(big);
}

static void closing_a_descriptor_wakes_those_who_wait_on_it(void) {
    scene(16);
    for (int round = 0; round < 200; round++) {
        int64_t ends[2], sizes[3] = {1, 1, 1};
        uint8_t *big = calloc(1, 200000);
        EQ(x_pipe(0, ends), 0);
        lanes l = many(HC_OP_READ, 3, ends[0], sizes, NULL);
        fake_begin(l.c);
        hc_call *w = transfer_call(HC_OP_WRITE, ends[1], big, 0, 0);
        fake_begin(w);
        fake_free(w);
        if (round % 3 == 0) fake_settle(1);
        EQ(x_close(ends[0]), 0);
        fake_wait(l.c);
        for (int i = 0; i < 3; i++) EQ(l.c->result[i], -EBADF);
        done(&l);
        EQ(x_write(ends[1], "x", 1), -EPIPE); /* nothing keeps the read end open */
        EQ(x_close(ends[1]), 0);
        EQ(x_pipe(0, ends), 0);
        w = transfer_call(HC_OP_WRITE, ends[1], big, 200000, 0);
        fake_begin(w);
        CHECK(!fake_done(w));
        EQ(x_dup(1, ends[1], 0), ends[1]); /* dup2 closes too */
        fake_wait(w);
        CHECK(w->result[0] > 0 && w->result[0] < 200000); /* what had gone in */
        fake_free(w);
        int64_t left = 0, r;
        while ((r = x_read(ends[0], big, 100000)) > 0) left += r;
        EQ(r, 0);
        CHECK(left > 0);
        EQ(x_close(ends[0]), 0);
        EQ(x_close(ends[1]), 0);
        free(big);
    }
}

static void the_end_of_the_server_frees_those_who_wait(void) {
    scene(16);
    int64_t ends[2], sizes[4] = {1, 1, 1, 1};
    CHECK(mkfifo(in("root/fifo"), 0600) == 0);
    EQ(x_pipe(0, ends), 0);
    lanes l = many(HC_OP_READ, 4, ends[0], sizes, NULL);
    fake_begin(l.c);
    void *memory;
    hc_call *c = with_bytes(HC_OP_OPEN, "fifo", 4, 4, &memory);
    fake_arg(c, 1, 0, HC_WIRE_FDCWD);
    fake_arg(c, 2, 0, HC_WIRE_WRONLY);
    fake_arg(c, 3, 0, 0);
    fake_begin(c);
    CHECK(!fake_done(c));
    fake_close(S);
    fake_wait(l.c);
    for (int i = 0; i < 4; i++) EQ(l.c->result[i], -ESHUTDOWN);
    fake_wait(c);
    EQ(c->result[0], -ESHUTDOWN);
    done(&l);
    fake_free(c);
    free(memory);
}

static void fifos_and_devices(void) {
    scene(16);
    char got[8];
    CHECK(mkfifo(in("root/fifo"), 0600) == 0);
    EQ(x_open("fifo", HC_WIRE_WRONLY | HC_WIRE_NONBLOCK), -ENXIO);
    /* a reader waits for the first writer, also for one that comes and goes without a word */
    int64_t fd = x_open("fifo", 0);
    EQ(fd, 3);
    hc_call *c = transfer_call(HC_OP_READ, fd, got, 8, 0);
    fake_begin(c);
    fake_settle(5);
    CHECK(!fake_done(c));
    int writer = open(in("root/fifo"), O_WRONLY | O_CLOEXEC);
    fake_settle(5);
    CHECK(!fake_done(c));
    close(writer);
    fake_wait(c);
    EQ(c->result[0], 0);
    fake_free(c);
    EQ(x_close(fd), 0);
    fd = x_open("fifo", HC_WIRE_NONBLOCK);
    EQ(x_read(fd, got, 8), 0);
    EQ(x_close(fd), 0);
    /* a writer waits for the first reader, and holds a number meanwhile */
    void *memory;
    c = with_bytes(HC_OP_OPEN, "fifo", 4, 4, &memory);
    fake_arg(c, 1, 0, HC_WIRE_FDCWD);
    fake_arg(c, 2, 0, HC_WIRE_WRONLY);
    fake_arg(c, 3, 0, 0);
    fake_begin(c);
    fake_settle(20);
    CHECK(!fake_done(c));
    EQ(x_write(3, "x", 1), -EBADF);
    EQ(x_close(3), -EBADF);
    EQ(x_dup(1, 3, 0), -EBUSY);
    int reader = open(in("root/fifo"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    fake_wait(c);
    EQ(c->result[0], 3);
    fake_free(c);
    free(memory);
    EQ(x_write(3, "through", 7), 7);
    EQ(read(reader, got, 8), 7);
    close(reader);
    EQ(x_close(3), 0);
    if (mknod(in("root/null"), S_IFCHR | 0666, makedev(1, 3)) == 0) { /* needs privileges */
        CHECK(mknod(in("root/zero"), S_IFCHR | 0666, makedev(1, 5)) == 0);
        fd = x_open("null", HC_WIRE_RDWR);
        if (fd >= 0) { /* not on a nodev mount */
            EQ(x_write(fd, "gone", 4), 4);
            EQ(x_read(fd, got, 4), 0);
            EQ(x_close(fd), 0);
        }
        EQ(x_open("zero", 0), -EACCES);
    }
    int sock = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(sock >= 0);
    close(sock);
    EQ(x_truncate("fifo", 0), -EINVAL);
}

static void directories_are_read_to_the_end(void) {
    scene(16);
    char name[300], path[400];
    uint8_t *buffer = NULL;
    CHECK(mkdir(in("root/many"), 0755) == 0);
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "%0*d", 3 + i % 250, i);
        snprintf(path, sizeof path, "root/many/%s", name);
        put_file(path, "");
    }
    static const int64_t sizes[] = {288, 289, 320, 1000, 4096, 65536, 1 << 20};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        int64_t fd = x_open("many", HC_WIRE_DIRECTORY);
        for (int pass = 0; pass < 2; pass++) {
            bool seen[300] = {false};
            int found = 0, r;
            /* a record of 24 + 255 + 1 bytes takes 280, which asks the kernel for 280 itself: three quarters of 376 */
            int64_t n = sizes[k] < 376 ? 376 : sizes[k];
            buffer = malloc((size_t)n);
            while ((r = (int)x_getdents(fd, buffer, n)) > 0)
                for (int at = 0; at < r;) {
                    hc_dirent_wire w;
                    memcpy(&w, buffer + at, sizeof w);
                    const char *text = (const char *)buffer + at + sizeof w;
                    EQ(strlen(text), w.namelen);
                    CHECK(w.reclen % 8 == 0 && w.reclen >= sizeof w + w.namelen + 1 && at + w.reclen <= r);
                    if (text[0] == '.') EQ(w.type, DT_DIR);
                    else {
                        int i = atoi(text);
                        CHECK(i >= 0 && i < 300 && !seen[i]);
                        seen[i] = true;
                        EQ(w.namelen, 3 + i % 250);
                    }
                    found++;
                    at += w.reclen;
                }
            EQ(r, 0);
            EQ(found, 302);
            free(buffer);
            EQ(x_lseek(fd, 0, SEEK_SET), 0);
        }
        buffer = malloc(32);
        EQ(x_getdents(fd, buffer, 8), -EINVAL);
        EQ(x_getdents(fd, buffer, 0), -EINVAL);
        EQ(x_getdents(fd, buffer, -1), -EINVAL);
        free(buffer);
        EQ(x_close(fd), 0);
    }
    uint8_t some[64];
    int64_t fd = x_open("f", 0);
    EQ(x_getdents(fd, some, 64), -ENOTDIR);
    EQ(x_getdents(1, some, 64), -ENOTDIR);
    EQ(x_close(fd), 0);
}

/* ------------------------------------------------------------------------------------------------------------ races */
static atomic_bool stop_racing;

static void *swap_main(void *unused) {
    (void)unused;
    while (!atomic_load(&stop_racing)) {
        CHECK(syscall(SYS_renameat2, AT_FDCWD, in("root/d"), AT_FDCWD, in("root/l"), 2 /* RENAME_EXCHANGE */) == 0);
        CHECK(syscall(SYS_renameat2, AT_FDCWD, in("root/x"), AT_FDCWD, in("root/y"), 2) == 0);
    }
    return NULL;
}

/* A directory turns into a symlink to the outside and back while it is walked through. */
static void a_directory_that_is_swapped_for_a_link_lets_nobody_out(void) {
    scene(16);
    CHECK(mkdir(in("root/d"), 0755) == 0 && mkdir(in("root/d/sub"), 0755) == 0 && mkdir(in("outside/sub"), 0755) == 0);
    put_file("root/d/secret", "inside");
    put_file("root/d/sub/secret", "inside");
    put_file("outside/sub/secret", "SECRET");
    put_file("root/x", "inside");
    CHECK(symlink("../outside", in("root/l")) == 0 && symlink("../outside/secret", in("root/y")) == 0);
    pthread_t thread;
    atomic_store(&stop_racing, false);
    CHECK(pthread_create(&thread, NULL, swap_main, NULL) == 0);
    int opened = 0, refused = 0;
    char got[8];
    static const char *paths[] = {
        "d/secret", "d/sub/secret", "d/sub/../secret", "a/../d/secret", "d/../d/sub/secret", "d/sub/../../d/secret",
        "x",        "a/../y"};
    for (int i = 0; i < 6000 || ((!opened || !refused) && i < 600000); i++) {
        int64_t fd = x_open(paths[i % 8], 0);
        CHECK(fd == 3 || fd == -EACCES || fd == -ENOENT || fd == -ENOTDIR);
        if (fd == 3) {
            opened++;
            EQ(x_read(fd, got, 6), 6);
            CHECK(!memcmp(got, "inside", 6));
            EQ(x_close(fd), 0);
        } else {
            refused++;
        }
        int64_t r = x_open("d/new", HC_WIRE_CREAT | HC_WIRE_RDWR);
        if (r >= 0) EQ(x_close(r), 0);
        r = x_mkdir("d/made");
        CHECK(r == 0 || r == -EACCES || r == -ENOENT || r == -EEXIST || r == -ENOTDIR);
        r = x_unlink("d/sub/none", 0);
        CHECK(r == -ENOENT || r == -EACCES || r == -ENOTDIR);
        r = x_rename("d/new", "d/newer");
        CHECK(r == 0 || r == -ENOENT || r == -EACCES || r == -ENOTDIR);
        r = x_truncate("d/newer", 0);
        CHECK(r == 0 || r == -ENOENT || r == -EACCES || r == -ENOTDIR);
    }
    atomic_store(&stop_racing, true);
    pthread_join(thread, NULL);
    CHECK(opened && refused);
    CHECK(!exists("outside/new") && !exists("outside/newer") && !exists("outside/made"));
    file_has("outside/secret", "SECRET", 6);
    file_has("outside/sub/secret", "SECRET", 6);
}

static void *race_main(void *arg) {
    unsigned state = (unsigned)(uintptr_t)arg;
    for (int i = 0; i < 1500; i++) {
        state = state * 1103515245 + 12345;
        unsigned what = state >> 16;
        int64_t fd, ends[2];
        char got[8] = "";
        switch (what % 6) {
        case 0:
            fd = x_open(what & 64 ? "f" : "a/g", 0);
            CHECK(fd >= 0 || fd == -EMFILE);
            break;
        case 1: (void)x_close(3 + what / 8 % 9); break;
        case 2: /* whichever file has the number: its own bytes, at its own offset */
            fd = 3 + what / 8 % 9;
            EQ(x_pread(fd, got, 5, 0) > 0 && memcmp(got, "hello", 5) && memcmp(got, "deepe", 5), 0);
            break;
        case 3: (void)x_dup(3 + what / 8 % 9, 3 + what / 128 % 9, 0); break;
        case 4: (void)x_dup(3 + what / 8 % 9, -1, 0); break;
        default:
            if (x_pipe(0, ends) == 0) { /* somebody else may close or replace it: the wait ends all the same */
                hc_call *c = transfer_call(HC_OP_READ, ends[0], got, 4, 0);
                fake_begin(c);
                (void)x_write(ends[1], "wake", 4);
                (void)x_close(ends[0]);
                (void)x_close(ends[1]);
                for (int64_t n = 3; n < 12 && !fake_done(c); n++) (void)x_close(n);
                fake_wait(c);
                fake_free(c);
            }
        }
    }
    return NULL;
}

static void descriptors_survive_being_closed_in_use(void) {
    scene(12);
    pthread_t threads[4];
    for (uintptr_t i = 0; i < 4; i++) CHECK(pthread_create(&threads[i], NULL, race_main, (void *)(i + 1)) == 0);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
}

static const struct {
    const char *name;
    void (*run)(void);
} CASES[] = {
#define CASE(name) {#name, name},
    CASE(paths_inside_the_root_resolve)
    CASE(no_path_leaves_the_root)
    CASE(a_readonly_root_is_not_written)
    CASE(a_root_in_a_root_keeps_its_mode)
    CASE(bad_paths_are_told_apart)
    CASE(names_are_made_moved_and_removed)
    CASE(the_lowest_number_is_given_and_the_quota_kept)
    CASE(standard_descriptors_stand_for_the_sinks)
    CASE(closed_or_inherited_stdin_is_safe)
    CASE(lanes_move_bytes_as_calls_of_their_own_would)
    CASE(a_short_write_is_shared_out_between_lanes)
    CASE(memory_that_is_gone_is_efault_for_its_lane_only)
    CASE(a_reader_of_an_empty_pipe_parks_and_gets_the_data)
    CASE(a_writer_of_a_full_pipe_parks_until_all_is_in)
    CASE(a_broken_pipe_is_an_error_and_no_signal)
    CASE(closing_a_descriptor_wakes_those_who_wait_on_it)
    CASE(the_end_of_the_server_frees_those_who_wait)
    CASE(fifos_and_devices)
    CASE(directories_are_read_to_the_end)
    CASE(a_directory_that_is_swapped_for_a_link_lets_nobody_out)
    CASE(descriptors_survive_being_closed_in_use)
};

int main(int argc, char **argv) {
    if (argc == 2 && !strcmp(argv[1], "--list")) {
        for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) puts(CASES[i].name);
        return 0;
    }
    if (argc < 3) return 2;
    CHECK(realpath(argv[2], BASE));
    walking = argc > 3 && !strcmp(argv[3], "walk");
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        if (strcmp(argv[1], CASES[i].name)) continue;
        int before = open_host_descriptors();
        CASES[i].run();
        fake_stop(S);
        EQ(open_host_descriptors(), before);
        return 0;
    }
    return 2;
}
