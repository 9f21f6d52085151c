/* SPDX-License-Identifier: Apache-2.0
 *
 * syscall answers what a runtime library asks, the rest is ENOSYS.
 */
#include <sys/syscall.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    unsigned char bytes[8];
    I(syscall(SYS_getrandom, bytes, sizeof bytes, 0));
    I(syscall(SYS_gettid) > 0);
    errno = 0;
    I(syscall(99999));
    I(errno == ENOSYS);
    return 0;
}
