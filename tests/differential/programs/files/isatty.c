/* SPDX-License-Identifier: Apache-2.0
 *
 * Files and pipes are no terminals.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    int ends[2];
    make_file("a", "");
    X(isatty(open("a", O_RDONLY)));
    I(errno);
    pipe(ends);
    I(isatty(ends[0]));
    I(errno);
    I(isatty(99));
    I(errno);
    return 0;
}
