/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs of the host that device code starts: a shell with a command, its standard streams those of the device. Off
 * until the configuration turns it on (hc_process_allow in server.h): a command is not held by the roots.
 */
#ifndef HC_PROCESS_SERVICE_H
#define HC_PROCESS_SERVICE_H
#include "fs.h"
#include <sys/types.h>

#define HC_MAX_CHILDREN 256u

/* How a child's streams are connected: -1 stands for the device's own. */
typedef struct hc_spawned {
    pid_t pid;
    int out, err; /* what it writes, to be read here and given to the device's sinks; -1: not ours */
} hc_spawned;
/* Starts /bin/sh -c command in the directory `cwd` (a descriptor) with the NUL-separated variables of `env`. in, out:
 * the child's standard input and output, or -1 for in = the device's standard input and out = its sink. */
int hc_spawn(hc_fs *fs, const char *command, const char *env, size_t env_bytes, int in, int out, hc_spawned *child);
#endif
