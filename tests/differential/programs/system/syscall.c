/* SPDX-License-Identifier: Apache-2.0
 *
 * syscall answers what a runtime library asks, the rest is ENOSYS.
 * choice: which numbers threads have is the system's affair (the facade's are those of lanes, from 0); gettid and syscall agree.
 */
#include <sys/syscall.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    unsigned char bytes[8];
    I(syscall(SYS_getrandom, bytes, sizeof bytes, 0));
    I(syscall(SYS_gettid) == gettid());
    errno = 0;
    I(syscall(99999));
    I(errno == ENOSYS);
    return 0;
}
