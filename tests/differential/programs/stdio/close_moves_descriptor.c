/* SPDX-License-Identifier: Apache-2.0
 *
 * fclose of an input stream leaves a shared descriptor where the reader stands.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    make_file("a", "0123456789");
    int fd = open("a", O_RDONLY), other = dup(fd);
    FILE *f = fdopen(fd, "r");
    I(fgetc(f));
    I(fgetc(f));
    I(fgetc(f));
    I(fclose(f));
    I(lseek(other, 0, SEEK_CUR));
    close(other);
    return 0;
}
