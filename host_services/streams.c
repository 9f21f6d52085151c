/* SPDX-License-Identifier: Apache-2.0
 *
 * What a kernel left in the buffers of its FILEs, written on behalf of the runtime when the kernel has ended.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "fs.h"
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#define PATIENCE_MS 5000 /* a pipe that takes nothing for so long will not take it */

static int64_t put(int fd, const uint8_t *bytes, uint64_t n) {
    uint64_t done = 0;
    int64_t error = 0;
    hc_quiet quiet;
    hc_quiet_begin(&quiet);
    while (done < n && error == 0) {
        ssize_t r = write(fd, bytes + done, n - done);
        if (r > 0) {
            done += (uint64_t)r;
        } else if (r < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            struct pollfd ready = {.fd = fd, .events = POLLOUT};
            if (poll(&ready, 1, PATIENCE_MS) == 0) error = -EAGAIN;
        } else if (r == 0 || errno != EINTR) {
            error = r < 0 ? -errno : -EIO;
        }
    }
    hc_quiet_end(&quiet);
    return done ? (int64_t)done : error;
}

int64_t hc_fs_put(hc_server *s, int64_t number, const void *bytes, uint64_t n) {
    hc_fs *fs = hc_server_part(s, HC_PART_FS);
    hc_file *file = hc_descriptor_get(&fs->descriptors, number);
    if (!file) return -EBADF;
    int64_t r = !file->writes                ? -EBADF
                : file->kind == HC_FILE_SINK ? hc_stdio_write(s, file->stream, bytes, n)
                                             : put(file->host, bytes, n);
    hc_file_put(file);
    return r;
}
