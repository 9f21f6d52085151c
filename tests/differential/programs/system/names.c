/* SPDX-License-Identifier: Apache-2.0
 *
 * uname and gethostname say what the machine says.
 */
#include <sys/utsname.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    struct utsname u;
    char name[256];
    X(uname(&u));
    S(u.sysname);
    S(u.release);
    S(u.machine);
    X(gethostname(name, sizeof name));
    I(strcmp(name, u.nodename));
    return 0;
}
