/* SPDX-License-Identifier: Apache-2.0
 *
 * Short options: joined, with arguments, "--" and operands.
 * args: -a -bc -d value -dvalue -- -a file
 */
#include <unistd.h>
#include "check.h"

int main(int argc, char **argv) {
    int c;
    while ((c = getopt(argc, argv, "abcd:")) != -1) printf("%c %s %d\n", c, c == 'd' ? optarg : "-", optind);
    for (; optind < argc; optind++) S(argv[optind]);
    return 0;
}
