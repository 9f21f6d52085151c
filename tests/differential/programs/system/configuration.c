/* SPDX-License-Identifier: Apache-2.0
 *
 * sysconf of what every machine has.
 */
#include <unistd.h>
#include "check.h"

int main(void) {
    I(sysconf(_SC_PAGESIZE));
    I(sysconf(_SC_CLK_TCK));
    I(sysconf(_SC_NPROCESSORS_ONLN) > 0);
    I(sysconf(_SC_OPEN_MAX) > 20);
    I(sysconf(_SC_IOV_MAX));
    errno = 0;
    I(sysconf(99999));
    I(errno == EINVAL);
    I(getpagesize());
    return 0;
}
