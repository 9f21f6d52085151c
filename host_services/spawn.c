/* SPDX-License-Identifier: Apache-2.0
 *
 * Starting a shell (process.h has the contract). posix_spawn, because the process is large and has threads.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "process.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The variables as execve wants them; points into env. */
static char **list_of(const char *env, size_t bytes) {
    size_t count = 0, n = 0;
    for (size_t i = 0; i < bytes; i++) count += env[i] == 0;
    char **list = calloc(count + 1, sizeof *list);
    if (!list) return NULL;
    for (size_t at = 0; at < bytes && env[at]; at += strlen(env + at) + 1) list[n++] = (char *)(uintptr_t)(env + at);
    return list;
}

static int device_stdin(hc_fs *fs) {
    hc_file *file = hc_descriptor_get(&fs->descriptors, 0);
    int fd = file && file->host >= 0 && file->reads ? fcntl(file->host, F_DUPFD_CLOEXEC, 3) : -1;
    if (file) hc_file_put(file);
    return fd >= 0 ? fd : hc_fd_above_stdio(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

static int start(const char *command, char **env, int cwd, const int stdio[3], pid_t *pid) {
    static const int defaults[] = {SIGPIPE, SIGXFSZ, SIGINT, SIGQUIT, SIGTERM, SIGCHLD};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, ordinary;
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc) return -rc;
    if ((rc = posix_spawnattr_init(&attributes))) {
        posix_spawn_file_actions_destroy(&actions);
        return -rc;
    }
    sigemptyset(&none); /* threads of the server block signals, and Python ignores some */
    sigemptyset(&ordinary);
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) sigaddset(&ordinary, defaults[i]);
    /* A group of its own can be ended as a whole; at a terminal it would not be the one that may read it. */
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (isatty(stdio[0]) ? 0 : POSIX_SPAWN_SETPGROUP);
    if (!rc) rc = posix_spawnattr_setsigmask(&attributes, &none);
    if (!rc) rc = posix_spawnattr_setsigdefault(&attributes, &ordinary);
    if (!rc) rc = posix_spawnattr_setpgroup(&attributes, 0);
    if (!rc) rc = posix_spawnattr_setflags(&attributes, flags);
    for (int i = 0; i < 3 && !rc; i++) rc = posix_spawn_file_actions_adddup2(&actions, stdio[i], i);
    if (!rc) rc = posix_spawn_file_actions_addfchdir_np(&actions, cwd);
    char *const words[] = {"sh", "-c", "--", (char *)(uintptr_t)command, NULL};
    if (!rc) rc = posix_spawn(pid, "/bin/sh", &actions, &attributes, words, env);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return -rc;
}

static int pipe_above(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
    for (int i = 0; i < 2; i++) ends[i] = hc_fd_above_stdio(ends[i]);
    if (ends[0] >= 0 && ends[1] >= 0) return 0;
    return -EMFILE;
}

static void shut(int fd) {
    if (fd >= 0) close(fd);
}

int hc_spawn(hc_fs *fs, const char *command, const char *env, size_t env_bytes, int in, int out, hc_spawned *child) {
    int own_in = in < 0 ? device_stdin(fs) : -1, outs[2] = {-1, -1}, errs[2] = {-1, -1};
    int cwd = hc_paths_workdir(&fs->paths);
    char **list = list_of(env, env_bytes);
    int rc = cwd < 0 ? cwd : !list ? -ENOMEM : in < 0 && own_in < 0 ? -errno : 0;
    if (rc == 0 && out < 0) rc = pipe_above(outs);
    if (rc == 0) rc = pipe_above(errs);
    if (rc == 0) {
        const int stdio[3] = {in < 0 ? own_in : in, out < 0 ? outs[1] : out, errs[1]};
        rc = start(command, list, cwd, stdio, &child->pid);
    }
    free(list);
    shut(cwd);
    shut(own_in);
    shut(outs[1]);
    shut(errs[1]);
    if (rc < 0) {
        shut(outs[0]);
        shut(errs[0]);
        return rc;
    }
    child->out = outs[0];
    child->err = errs[0];
    return 0;
}
