/* SPDX-License-Identifier: Apache-2.0
 *
 * Long options: abbreviated, with arguments, optional ones, flags, and what is wrong.
 * args: --verbose --out=file --o f2 --level --level=3 --quiet --bogus -v --out -- rest
 */
#include <getopt.h>
#include "check.h"

int main(int argc, char **argv) {
    static int quiet;
    static const struct option options[] = {{"verbose", no_argument, NULL, 'v'}, {"out", required_argument, NULL, 'o'},
                                            {"level", optional_argument, NULL, 'l'}, {"quiet", no_argument, &quiet, 1}, {NULL, 0, NULL, 0}};
    int c, index = -1;
    while ((c = getopt_long(argc, argv, "vo:l::", options, &index)) != -1) {
        printf("%d %s %d\n", c, optarg ? optarg : "-", index);
        index = -1;
    }
    I(quiet);
    for (; optind < argc; optind++) S(argv[optind]);
    return 0;
}
