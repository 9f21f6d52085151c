/* SPDX-License-Identifier: Apache-2.0
 *
 * _Exit runs nothing and writes no buffers.
 */
#include "check.h"

static void never(void) { printf("never\n"); }
int main(void) {
    static char room[4096];
    FILE *out = fopen("left.txt", "w");
    atexit(never);
    setvbuf(out, room, _IOFBF, sizeof room);
    fputs("stays in the buffer", out);
    fputs("written\n", stdout);
    fflush(stdout);
    _Exit(9);
}
