/* SPDX-License-Identifier: Apache-2.0
 *
 * An unknown option and a missing argument are reported on standard error.
 * args: -x -a -d
 */
#include <unistd.h>
#include "check.h"

int main(int argc, char **argv) {
    int c;
    while ((c = getopt(argc, argv, "ad:")) != -1) printf("%d %d %d\n", c, optopt, optind);
    return 0;
}
