/* SPDX-License-Identifier: Apache-2.0
 *
 * A large automatic array, and many calls with one each.
 */
#include "check.h"

static int fill(int n) {
    int room[200];
    for (int i = 0; i < 200; i++) room[i] = n + i;
    return n == 0 ? room[199] : fill(n - 1) + room[0];
}
int main(void) {
    char room[8192];
    memset(room, 'x', sizeof room);
    I(room[8191]);
    I(fill(10));
    return 0;
}
