/* SPDX-License-Identifier: Apache-2.0
 *
 * statvfs says how long names may be.
 */
#include <sys/statvfs.h>
#include "check.h"

int main(void) {
    struct statvfs v;
    X(statvfs(".", &v));
    I(v.f_namemax);
    I(v.f_bsize > 0 && v.f_blocks >= v.f_bfree);
    X(statvfs("none", &v));
    return 0;
}
