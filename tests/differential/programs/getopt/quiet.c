/* SPDX-License-Identifier: Apache-2.0
 *
 * A leading colon keeps quiet and tells a missing argument apart; so does opterr = 0.
 * args: -x -d
 */
#include <unistd.h>
#include "check.h"

int main(int argc, char **argv) {
    int c;
    while ((c = getopt(argc, argv, ":d:")) != -1) printf("%d %d\n", c, optopt);
    optind = 1;
    opterr = 0;
    while ((c = getopt(argc, argv, "d:")) != -1) printf("%d %d\n", c, optopt);
    return 0;
}
