/* SPDX-License-Identifier: Apache-2.0
 *
 * With a full buffer a file changes at the flush; the exact moment before is free, within one small write.
 */
#include "check.h"

int main(void) {
    FILE *f = fopen("a", "w");
    static char room[1024];
    I(setvbuf(f, room, _IOFBF, sizeof room));
    fputs("kept back\n", f);
    check_file("a");
    I(fflush(f));
    check_file("a");
    fputs("more", f);
    I(fclose(f));
    check_file("a");
    return 0;
}
