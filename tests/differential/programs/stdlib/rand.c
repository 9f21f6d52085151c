/* SPDX-License-Identifier: Apache-2.0
 *
 * The same seed gives the same numbers; srand(1) is the start.
 * choice: C leaves the sequence to the library; the program checks range, repetition and the initial seed.
 */
#include "check.h"

int main(void) {
    int first[50], same = 1, in_range = 1, differ = 0;
    for (int i = 0; i < 50; i++) first[i] = rand();
    srand(1);
    for (int i = 0; i < 50; i++) same &= rand() == first[i];
    srand(2);
    for (int i = 0; i < 50; i++) {
        int r = rand();
        in_range &= r >= 0;
        differ |= r != first[i];
    }
    I(same);
    I(in_range);
    I(differ);
    I(RAND_MAX >= 32767);
    unsigned seed = 9, again = 9;
    int r = rand_r(&seed);
    I(r >= 0);
    I(r == rand_r(&again));
    I(seed == again);
    I(seed != 9);
    return 0;
}
