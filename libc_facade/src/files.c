/* SPDX-License-Identifier: Apache-2.0
 *
 * <unistd.h>, <fcntl.h>: descriptors.
 */
#include "library.h"
#include "hc/fs.h"

HC_EXPORT hc_long read(int fd, void *p, size_t n) { return hc_read(fd, p, n); }
HC_EXPORT hc_long write(int fd, const void *p, size_t n) { return hc_write(fd, p, n); }
HC_EXPORT int close(int fd) { return hc_close(fd); }
