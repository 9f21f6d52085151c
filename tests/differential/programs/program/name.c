/* SPDX-License-Identifier: Apache-2.0
 *
 * Without arguments there is only the program's name.
 */
#include "check.h"

int main(int argc, char **argv) {
    I(argc);
    I(argv[0] != NULL && argv[0][0] != '\0');
    I(argv[1] == NULL);
    return 0;
}
