/* SPDX-License-Identifier: Apache-2.0
 *
 * fflush of an input stream puts the descriptor where the reader stands.
 */
#include <unistd.h>
#include "check.h"

int main(void) {
    FILE *f;
    char part[4] = {0};
    make_file("a", "0123456789");
    f = fopen("a", "r");
    I(fgetc(f));
    I(fgetc(f));
    I(fflush(f));
    I(lseek(fileno(f), 0, SEEK_CUR));
    I(read(fileno(f), part, 3));
    S(part);
    fclose(f);
    return 0;
}
