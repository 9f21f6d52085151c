/* SPDX-License-Identifier: Apache-2.0
 *
 * What was read ahead does not hide what another descriptor wrote.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    make_file("a", "0123456789");
    FILE *f = fopen("a", "r");
    int fd = open("a", O_WRONLY);
    I(fgetc(f));
    I(pwrite(fd, "WXYZ", 4, 3));
    I(fflush(f));
    I(fseek(f, 3, SEEK_SET));
    I(fgetc(f));
    fclose(f);
    close(fd);
    return 0;
}
