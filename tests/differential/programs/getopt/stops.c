/* SPDX-License-Identifier: Apache-2.0
 *
 * With "+" the first operand ends the options.
 * args: -a operand -b
 */
#include <unistd.h>
#include "check.h"

int main(int argc, char **argv) {
    int c;
    while ((c = getopt(argc, argv, "+ab")) != -1) printf("%c\n", c);
    for (; optind < argc; optind++) S(argv[optind]);
    return 0;
}
