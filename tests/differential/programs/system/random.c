/* SPDX-License-Identifier: Apache-2.0
 *
 * getrandom and getentropy fill what they are asked for.
 */
#include <sys/random.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    unsigned char a[64] = {0}, b[64] = {0}, big[300];
    I(getrandom(a, sizeof a, 0));
    I(getrandom(b, sizeof b, GRND_NONBLOCK));
    I(memcmp(a, b, sizeof a) != 0);
    I(getrandom(a, 0, 0));
    X(getentropy(a, sizeof a));
    X(getentropy(big, sizeof big));
    return 0;
}
