/* SPDX-License-Identifier: Apache-2.0
 *
 * Operands between options come last.
 * args: one -a two -b x three -- -a
 */
#include <unistd.h>
#include "check.h"

int main(int argc, char **argv) {
    int c;
    while ((c = getopt(argc, argv, "ab:")) != -1) printf("%c %s\n", c, c == 'b' ? optarg : "-");
    for (; optind < argc; optind++) S(argv[optind]);
    return 0;
}
