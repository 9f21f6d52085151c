/* SPDX-License-Identifier: Apache-2.0
 *
 * What fopen cannot open.
 */
#include <sys/stat.h>
#include "check.h"

int main(void) {
    P(fopen("", "r"));
    P(fopen("none/a", "w"));
    mkdir("d", 0777);
    P(fopen("d", "w"));
    P(fopen("d", "r+"));
    make_file("a", "");
    P(fopen("a/b", "r"));
    FILE *f;
    P(f = fopen("d", "r"));
    I(fgetc(f));
    I(errno == EISDIR);
    I(ferror(f) != 0);
    I(fclose(f));
    return 0;
}
