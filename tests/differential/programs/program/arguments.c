/* SPDX-License-Identifier: Apache-2.0
 *
 * Arguments as given: empty, with blanks, with bytes above 127.
 * args: one "" "two words" "ä" "a=b" "*" -x
 */
#include "check.h"

int main(int argc, char **argv) {
    I(argc);
    for (int i = 1; i < argc; i++) S(argv[i]);
    I(argv[argc] == NULL);
    return 0;
}
